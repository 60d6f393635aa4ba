"""Content-aware resampling followed by a convolution."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.arguments import one_of, upsampling_factor
from tfupsample.layers.carafe import Carafe2D
from tfupsample.layers.conv_base import (
    ConvBase,
    same_widths,
    shared_arguments,
)
from tfupsample.layers.dysample import DySample2D
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.convolution import convolve_valid
from tfupsample.ops.padding import pad

RESAMPLINGS = ("carafe", "dysample")


@keras.saving.register_keras_serializable(package="tfupsample")
class ContentAwareConv2D(UpsamplingBase, ConvBase):
    """Enlarges images as their content says, then convolves.

    It is `Carafe2D` or `DySample2D` followed by `PaddedConv2D`, as one layer
    with one kernel, which can stand for any other upsampler. The resampling has
    the arguments that were published, but for `pad_mode`; put it and a
    `PaddedConv2D` after one another for others. With any `pad_mode` but
    `"constant"` a flat input stays flat up to its edge, whatever the weights,
    because both steps keep it flat.

    The arguments from `data_format` on are those of `keras.layers.Conv2D`; they
    apply to the convolution.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel, in output pixels; one
            integer (default 3) or two. An even one reaches one pixel further
            down and to the right.
        scale: Integer upsampling factor up to 256, or one for each axis.
        resampling: `"carafe"` (default) or `"dysample"`, with `order="lp"` and
            as many of 4 groups as divide the channels.
        pad_mode: What both steps see beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        **kwargs: `name`, `dtype`, `trainable`.

    Attributes:
        resampler: The layer that enlarges; made when this one is built.

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
    >>> layer = tfupsample.ContentAwareConv2D(filters=8, resampling="dysample")
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 32, 32, 8)

    References:
        Wang et al., 2019, arXiv 1905.02188 (CARAFE); Liu et al., 2023, arXiv
        2308.15085 (DySample).
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int] = 3,
        scale: int | Sequence[int] = 2,
        resampling: str = "carafe",
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
        self.resampling = one_of("resampling", resampling, RESAMPLINGS)

    def build(self, input_shape):
        super().build(input_shape)
        channels = input_shape[self.channel_axis]
        shared = {
            "scale": self.scale,
            "pad_mode": self.pad_mode,
            "data_format": "channels_last",
            "dtype": self.dtype_policy,
        }
        if self.resampling == "carafe":
            self.resampler = Carafe2D(**shared)
        else:
            self.resampler = DySample2D(groups=math.gcd(4, channels), **shared)
        self.resampler.build((None, None, None, channels))

    def convolve(self, x):
        x = self.resampler(x)
        x = pad(x, same_widths(self.kernel_size), self.pad_mode)
        return convolve_valid(x, self.kernel)

    def get_config(self):
        return super().get_config() | {
            "scale": self.scale,
            "resampling": self.resampling,
        }
