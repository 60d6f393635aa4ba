"""Sub-pixel convolution: convolve, then move phases from channels to space."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.arguments import boolean, upsampling_factor
from tfupsample.layers.conv_base import (
    ConvBase,
    same_widths,
    shared_arguments,
)
from tfupsample.layers.initializers import ICNR, Balanced
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.convolution import convolve_valid
from tfupsample.ops.padding import pad
from tfupsample.ops.phase_form import depth_to_space


class SubpixelConv(UpsamplingBase, ConvBase):
    """Convolves at low resolution and shuffles channels into pixels.

    Use `SubpixelConv1D`, `SubpixelConv2D` or `SubpixelConv3D`.

    The kernel has `filters * phases` outputs, one group for each phase, in
    the order of `depth_to_space`. With `icnr`, the default, the layer starts as
    a convolution followed by nearest-neighbour resizing, without a
    checkerboard. Biases are added after the shuffle, one for each filter, so no
    phase has a bias of its own; training can still make the kernels of the
    phases differ.

    The arguments from `data_format` on are those of `keras.layers.Conv2D`.

    Args:
        filters: Number of output channels, after the shuffle.
        kernel_size: Size of the kernel, in input pixels; odd or even, one
            integer (default 3) or one for each axis. An even kernel reaches one
            pixel further after (down, to the right) than before.
        scale: Integer upsampling factor up to 256, or one for each axis.
        pad_mode: What the kernel sees beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        icnr: Whether to wrap the `kernel_initializer` in `ICNR` (default),
            unless it is an `ICNR` or `Balanced` itself. `False` takes it as it
            is: with most initializers the layer then starts with a
            checkerboard.
        kernel_initializer: Any Keras initializer, for the kernel of one phase
            if `icnr`, else for the whole kernel.
        **kwargs: `name`, `dtype`, `trainable`.

    Call arguments:
        inputs: The images.
        size: The sizes to cut the output to (`UpsamplingBase`), or
        like: an array that has them, such as a skip connection.

    Input shape:
        `(batch, *sizes, channels)`, or channels first. Batch and sizes may be
        unknown.

    Output shape:
        `(batch, *(scale * size), filters)`, or channels first.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.

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
        icnr: bool = True,
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
        self.icnr = boolean("icnr", icnr)
        starts_equal = isinstance(self.kernel_initializer, (ICNR, Balanced))
        if icnr and not starts_equal:
            self.kernel_initializer = ICNR(self.kernel_initializer, self.scale)

    @property
    def kernel_filters(self):
        return self.filters * math.prod(self.scale)

    def convolve(self, x):
        x = pad(x, same_widths(self.kernel_size), self.pad_mode)
        return convolve_valid(x, self.kernel)

    def arrange(self, x):
        return depth_to_space(x, self.scale)

    def get_config(self):
        return super().get_config() | {"scale": self.scale, "icnr": self.icnr}

    @classmethod
    def from_config(cls, config):
        """Takes the initializer of files from before `icnr` as it is."""
        return super().from_config({"icnr": False} | config)


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
