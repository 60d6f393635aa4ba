"""Convolution of the size of its input, with a chosen border."""

from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.arguments import positive_integer, tap_count
from tfupsample.layers.conv_base import (
    ConvBase,
    shared_arguments,
)
from tfupsample.ops.convolution import convolve_valid
from tfupsample.ops.padding import pad


class PaddedConv(ConvBase):
    """A convolution that need not see zeros beyond the border.

    Use `PaddedConv1D`, `PaddedConv2D` or `PaddedConv3D`. With any `pad_mode`
    but `"constant"` a flat input stays flat up to its edge.

    With `reach = (kernel_size - 1) * dilation_rate + 1`, the padding is
    `max(reach - strides, 0) // 2` pixels before and the rest of `reach - 1`
    after, whatever the size of the input. This centres the kernel on each cell
    of `strides` pixels, or lets it reach one pixel further after the cell.
    Where the size is a multiple of `strides`, `"constant"` is the
    `padding="same"` of Keras.

    The arguments from `data_format` on are those of `keras.layers.Conv2D`.

    Args:
        filters: Number of output channels.
        kernel_size: Size of the kernel, in taps; odd or even, one integer or
            one for each axis.
        strides: Input pixels from one output pixel to the next: one integer
            (default 1) or one for each axis.
        pad_mode: What the kernel sees beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        dilation_rate: Input pixels from one tap to the next: one integer
            (default 1) or one for each axis; not together with strides.
        groups: Number of groups (default 1): each takes its share of the input
            channels to its share of the filters, and must divide both.
        **kwargs: `name`, `dtype`, `trainable`.

    Input shape:
        `(batch, *sizes, channels)`, or channels first. Batch and sizes may be
        unknown.

    Output shape:
        `(batch, *ceil(size / strides), filters)`, or channels first.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.

    References:
        Alsallakh et al., 2021, "Mind the Pad: CNNs can develop blind spots",
        arXiv 2010.02178.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        pad_mode: str | Sequence[str] = "symmetric",
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
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
        self.strides = self.per_axis("strides", strides, positive_integer)
        self.dilation_rate = self.per_axis(
            "dilation_rate", dilation_rate, tap_count
        )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides` and `dilation_rate` must not both be above 1. "
                f"Received: strides={strides!r}, "
                f"dilation_rate={dilation_rate!r}"
            )
        self.groups = positive_integer("groups", groups)
        if self.filters % self.groups:
            raise ValueError(
                "`groups` must divide `filters`. "
                f"Received: groups={groups!r}, filters={filters!r}"
            )

    def convolve(self, x):
        taps = zip(self.kernel_size, self.dilation_rate)
        reach = [(k - 1) * d + 1 for k, d in taps]
        x = pad(x, strided_widths(reach, self.strides), self.pad_mode)
        return convolve_valid(
            x,
            self.kernel,
            strides=self.strides,
            dilation_rate=self.dilation_rate,
        )

    def output_sizes(self, sizes):
        return divided(sizes, self.strides)

    def get_config(self):
        return super().get_config() | {
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
        }


def after_the_cell(reach, stride):
    """Pixels before a cell of `stride` that a kernel centred on it reaches.

    Where it cannot be centred it reaches one pixel further after the cell.
    """
    return max(reach - stride, 0) // 2


def strided_widths(reach, strides, lead=after_the_cell):
    """Padding `(before, after)` for each axis that keeps `ceil(size / stride)`.

    They add up to `reach - 1`, the only sum that does so for every size. What a
    stride does not need of the padding stays unread.
    """
    before = map(lead, reach, strides)
    return tuple((b, r - 1 - b) for b, r in zip(before, reach))


def divided(sizes, strides):
    """Sizes over strides, rounded up; unknown sizes stay `None`."""
    return tuple(n and -(-n // s) for n, s in zip(sizes, strides))


@keras.saving.register_keras_serializable(package="tfupsample")
class PaddedConv1D(PaddedConv):
    """`PaddedConv` of `(batch, length, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.PaddedConv1D(8, kernel_size=3, dilation_rate=4)
    >>> tuple(layer(np.zeros((1, 16, 4), "float32")).shape)
    (1, 16, 8)
    """

    rank = 1


@keras.saving.register_keras_serializable(package="tfupsample")
class PaddedConv2D(PaddedConv):
    """`PaddedConv` of `(batch, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.PaddedConv2D(8, kernel_size=4, strides=2)
    >>> tuple(layer(np.zeros((1, 15, 16, 4), "float32")).shape)
    (1, 8, 8, 8)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="tfupsample")
class PaddedConv3D(PaddedConv):
    """`PaddedConv` of `(batch, depth, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.PaddedConv3D(2, 3, pad_mode=("edge",) * 3)
    >>> tuple(layer(np.zeros((1, 4, 8, 8, 1), "float32")).shape)
    (1, 4, 8, 8, 2)
    """

    rank = 3
