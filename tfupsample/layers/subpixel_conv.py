"""Sub-pixel convolution: convolve, then move phases from channels to space."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.arguments import scale_factor
from tfupsample.layers.conv_base import (
    ConvBase,
    convolve_valid,
    same_widths,
    scaled,
)
from tfupsample.layers.initializers import ICNR
from tfupsample.ops.padding import pad
from tfupsample.ops.phase_form import depth_to_space


class SubpixelConv(ConvBase):
    """Convolves at low resolution and shuffles channels into pixels.

    Use `SubpixelConv1D`, `SubpixelConv2D` or `SubpixelConv3D`.

    The kernel has `filters * phases` outputs, one group for each phase, in
    the order of `depth_to_space`. With `ICNR`, the default, it starts as a
    convolution followed by nearest-neighbour resizing, without a checkerboard.
    The bias is added after the shuffle, one for each filter, so that no phase
    has its own; training can still make the kernels of the phases differ.

    Args:
        filters: Number of output channels, after the shuffle.
        kernel_size: Size of the kernel, in input pixels; odd or even, one
            integer (default 3) or one for each axis. An even kernel reaches one
            pixel further after (down, to the right) than before.
        scale: Integer upsampling factor up to 256, or one for each axis.
        pad_mode: What the kernel sees beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`. One
            word, or one for each axis.
        kernel_initializer: Any Keras initializer; `ICNR(scale=scale)` by
            default.
        **kwargs: As for `ResizeConv`.

    Input shape:
        `(batch, *sizes, channels)`, or channels first. Batch and sizes may be
        unknown.

    Output shape:
        `(batch, *(scale * size), filters)`, or channels first.

    Raises:
        ValueError: for an argument outside what is listed here; the message
            names it and what was received.

    References:
        Shi et al., 2016, arXiv 1609.05158; Aitken et al., 2017, arXiv
        1707.02937.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int] = 3,
        scale: int | Sequence[int] = 2,
        pad_mode: str | Sequence[str] = "symmetric",
        kernel_initializer: Any = None,
        **kwargs: Any,
    ) -> None:
        if kernel_initializer is None:
            kernel_initializer = ICNR(scale=scale)
        super().__init__(
            filters,
            kernel_size,
            pad_mode,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        self.scale = self.per_axis("scale", scale, scale_factor)

    @property
    def kernel_filters(self):
        return self.filters * math.prod(self.scale)

    def convolve(self, x):
        x = pad(x, same_widths(self.kernel_size), self.pad_mode)
        return convolve_valid(x, self.kernel)

    def arrange(self, x):
        return depth_to_space(x, self.scale)

    def output_sizes(self, sizes):
        return scaled(sizes, self.scale)

    def get_config(self):
        return super().get_config() | {"scale": self.scale}


@keras.saving.register_keras_serializable(package="tfupsample")
class SubpixelConv1D(SubpixelConv):
    """`SubpixelConv` of `(batch, length, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.SubpixelConv1D(filters=8, scale=4)
    >>> tuple(layer(np.zeros((1, 100, 4), "float32")).shape)
    (1, 400, 8)
    """

    rank = 1


@keras.saving.register_keras_serializable(package="tfupsample")
class SubpixelConv2D(SubpixelConv):
    """`SubpixelConv` of `(batch, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.SubpixelConv2D(filters=3, kernel_size=5, scale=3)
    >>> tuple(layer(np.zeros((1, 16, 16, 64), "float32")).shape)
    (1, 48, 48, 3)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="tfupsample")
class SubpixelConv3D(SubpixelConv):
    """`SubpixelConv` of `(batch, depth, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.SubpixelConv3D(filters=2, scale=(1, 2, 2))
    >>> tuple(layer(np.zeros((1, 4, 8, 8, 4), "float32")).shape)
    (1, 4, 16, 16, 2)
    """

    rank = 3
