"""Upsampling and activation that add no frequencies of their own."""

from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.arguments import (
    keras_object,
    per_axis,
    scale_factor,
    upsampling_factor,
)
from tfupsample.layers.conv_base import (
    ConvBase,
    same_widths,
    shared_arguments,
)
from tfupsample.layers.resample import downsampled, upsampled
from tfupsample.layers.spatial_base import SpatialBase
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.convolution import convolve_valid
from tfupsample.ops.kaiser import kaiser_taps, low_pass
from tfupsample.ops.padding import pad


@keras.saving.register_keras_serializable(package="tfupsample")
class FilteredActivation(SpatialBase):
    """Applies an activation between the pixels, so that it does not alias.

    What bends or cuts off values makes frequencies that the pixels cannot hold;
    they come back as detail that sticks to the grid. So the image is enlarged
    by a low-pass filter, the activation is applied, and the result is made
    smaller by the same filter. The size stays. There are no weights. With any
    `pad_mode` but `"constant"` a flat input stays flat.

    The filters are windowed by Kaiser's function, as `scipy.signal.firwin`
    designs them, and separable. The defaults are 12 taps at `scale` 2, as in
    the configuration of StyleGAN3 that is sampled critically; for less aliasing
    choose a lower `cutoff` or `cutoff + half_width <= 0.5`.

    Args:
        activation: Anything that `keras.layers.Activation` takes (default
            `"relu"`).
        scale: Integer up to 256 by which the image is enlarged for the
            activation (default 2), or one for each axis. At 1 nothing is
            filtered.
        cutoff: Cutoff of both filters in cycles per pixel, from 0.1 to 0.5.
        half_width: Half the width of their transition band, in the same unit,
            from 0.02 to 0.5.
        attenuation: How far they attenuate the stop band, from 30 to 100 dB.
        pad_mode: What the filters see beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        **kwargs: `name`, `dtype`.

    Input shape:
        `(batch, height, width, channels)`, or channels first. Batch, height and
        width may be unknown.

    Output shape:
        That of the input.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.FilteredActivation("leaky_relu")
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 16, 16, 4)

    References:
        Karras et al., 2021, "Alias-Free Generative Adversarial Networks", arXiv
        2106.12423.
    """

    rank = 2

    def __init__(
        self,
        activation: Any = "relu",
        scale: int | Sequence[int] = 2,
        cutoff: float = 0.5,
        half_width: float = 0.207,
        attenuation: float = 40,
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_mode, data_format, **kwargs)
        self.activation = keras_object(
            keras.activations, "activation", activation
        )
        self.scale = per_axis("scale", scale, self.rank, scale_factor)
        self.low_pass = low_pass(cutoff, half_width, attenuation)
        self.taps = [kaiser_taps(s, **self.low_pass) for s in self.scale]

    def transform(self, x):
        x = upsampled(x, self.scale, self.taps, self.pad_mode)
        return downsampled(
            self.activation(x), self.scale, self.taps, self.pad_mode
        )

    def output_sizes(self, sizes):
        return tuple(sizes)

    def get_config(self):
        return (
            super().get_config()
            | self.low_pass
            | {
                "activation": keras.activations.serialize(self.activation),
                "scale": self.scale,
            }
        )


@keras.saving.register_keras_serializable(package="tfupsample")
class AliasFreeConv2D(UpsamplingBase, ConvBase):
    """Enlarges images by a steep low-pass filter, then convolves.

    Zero insertion repeats the spectrum of an image, and each upsampling lets
    another share of the copies through: nearest much, bilinear less. This one
    attenuates them by `attenuation`, so that what it draws moves with its
    input, also by fractions of a pixel (`tfupsample.measures.equivariance`).
    Each phase of the filter has exactly the sum 1, so a flat input stays flat
    whatever the weights; with any `pad_mode` but `"constant"`, up to its edge.
    Beside steep edges it overshoots.

    The filter is windowed by Kaiser's function, as `scipy.signal.firwin`
    designs it, and separable; the defaults are 12 taps at `scale` 2, as in
    StyleGAN3. An activation that follows makes new aliases: use
    `FilteredActivation`.

    The arguments from `data_format` on are those of `keras.layers.Conv2D`; they
    apply to the convolution.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel, in output pixels; one
            integer (default 3) or two. An even one reaches one pixel further
            down and to the right.
        scale: Integer upsampling factor up to 256, or one for each axis.
        cutoff: Cutoff of the filter in cycles per input pixel, from 0.1 to 0.5.
        half_width: Half the width of its transition band, in the same unit,
            from 0.02 to 0.5.
        attenuation: How far it attenuates the stop band, from 30 to 100 dB.
        pad_mode: What both steps see beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        **kwargs: `name`, `dtype`, `trainable`.

    Call arguments:
        inputs: The images.
        size: The sizes to cut the output to (`UpsamplingBase`), or
        like: an array that has them, such as a skip connection.

    Input shape:
        `(batch, height, width, channels)`, or channels first. Batch, height and
        width may be unknown.

    Output shape:
        `(batch, scale * height, scale * width, filters)`, or channels first.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.AliasFreeConv2D(filters=8, kernel_size=3)
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 32, 32, 8)

    References:
        Karras et al., 2021, "Alias-Free Generative Adversarial Networks", arXiv
        2106.12423.
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int] = 3,
        scale: int | Sequence[int] = 2,
        cutoff: float = 0.5,
        half_width: float = 0.207,
        attenuation: float = 40,
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, pad_mode, **shared_arguments(locals())
        )
        self.scale = self.per_axis("scale", scale, upsampling_factor)
        self.low_pass = low_pass(cutoff, half_width, attenuation)
        self.taps = [kaiser_taps(s, **self.low_pass) for s in self.scale]

    def convolve(self, x):
        x = upsampled(x, self.scale, self.taps, self.pad_mode)
        x = pad(x, same_widths(self.kernel_size), self.pad_mode)
        return convolve_valid(x, self.kernel)

    def get_config(self):
        return super().get_config() | self.low_pass | {"scale": self.scale}
