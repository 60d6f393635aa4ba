"""Transposed convolution followed by a low-pass filter, as in StyleGAN2."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import upsampling_factor
from tfupsample.layers.conv_base import ConvBase, shared_arguments
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.adjoint import crop
from tfupsample.ops.fir import filter_images, upsample_filter
from tfupsample.ops.padding import pad


@keras.saving.register_keras_serializable(package="tfupsample")
class FilteredConvTranspose2D(UpsamplingBase, ConvBase):
    """Upsamples by a transposed convolution and filters the result.

    The filter is `(1, 2, 1)` convolved with a box of `scale` ones along each
    axis, with gain `scale`: the `(1, 3, 3, 1)` of StyleGAN2 at scale 2. The box
    removes all patterns of period `scale`, so the phases have equal gains and a
    flat input stays flat whatever the weights. The input is padded and the
    output cropped, so with any `pad_mode` but `"constant"` a flat input stays
    flat up to its edge. Bias and activation follow the filter.

    The kernel sees as many pixels as that of a transposed convolution, fewer
    than that of a resize-convolution, at the price of one filter at high
    resolution.

    The arguments from `data_format` on are those of `keras.layers.Conv2D`.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel, in output pixels; one
            integer (default 3) or two. The transposed convolution is centred
            for odd sizes, and half a pixel further down and to the right for
            even ones.
        scale: Integer upsampling factor up to 256, or one for each axis.
        pad_mode: How the input continues beyond its border: `"symmetric"`
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
    >>> layer = tfupsample.FilteredConvTranspose2D(filters=8, kernel_size=3)
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 32, 32, 8)

    References:
        Karras et al., 2020, "Analyzing and Improving the Image Quality of
        StyleGAN", arXiv 1912.04958.
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int] = 3,
        scale: int | Sequence[int] = 2,
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

    def convolve(self, x):
        widths, crops = zip(*map(_borders, self.kernel_size, self.scale))
        x = ops.conv_transpose(
            pad(x, widths, self.pad_mode),
            ops.swapaxes(self.kernel, -2, -1),
            self.scale,
            padding="valid",
            data_format="channels_last",
        )
        taps = (s * upsample_filter(s) for s in self.scale)
        return filter_images(crop(x, crops), np.outer(*taps))

    def get_config(self):
        return super().get_config() | {"scale": self.scale}


def _borders(kernel_size, scale):
    """Padding of the input, and crop before the filter, `(before, after)` each.

    Kernel and filter together have `kernel_size + scale + 1` taps, of which
    `lead` come before the cell of `scale` output pixels they are centred on.
    """
    lead = (kernel_size + 1) // 2
    covered = max(kernel_size, scale)  # output pixels from one input pixel
    before = -((lead - covered - 1) // scale)
    after = -(-lead // scale)
    return (before, after), (
        scale * (before - 1) + lead - 1,
        scale * (after - 1) + covered - lead,
    )
