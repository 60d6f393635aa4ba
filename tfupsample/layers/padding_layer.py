"""Padding in any mode, as a layer."""

import operator
from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.layers.spatial_base import SpatialBase
from tfupsample.ops.padding import pad

MOST_PADDING = 2**12
"""Pixels on one side; each is copied by itself."""


class Pad(SpatialBase):
    """Extends images beyond their border; use `Pad1D`, `Pad2D`, `Pad3D`.

    Any width goes with any size: a border may be wider than the image. Integers
    stay integers.

    Args:
        padding: Pixels to add, up to 4096: an integer for every side, or for
            each spatial axis an integer or a pair `(before, after)`. `Pad1D`
            also takes the one pair of its axis, like Keras's `ZeroPadding1D`.
        pad_mode: What to add: `"symmetric"` (default, the mirror image with the
            edge pixel repeated), `"reflect"` (without), `"edge"` (the edge
            pixel), `"circular"` (the other side) or `"constant"` (zeros). One
            word, or one for each axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        **kwargs: `name`, `dtype`.

    Input shape:
        `(batch, *sizes, channels)`, or channels first. Sizes may be unknown.

    Output shape:
        `(batch, *(before + size + after), channels)`, or channels first.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.
    """

    def __init__(
        self,
        padding: int | Sequence,
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_mode, data_format, **kwargs)
        self.padding = _widths(padding, self.rank)

    def result_dtype(self, dtype):
        return dtype  # nothing is computed

    def compute_output_spec(self, inputs):
        shape = self.compute_output_shape(inputs.shape)
        return keras.KerasTensor(shape, inputs.dtype)

    def transform(self, x):
        return pad(x, self.padding, self.pad_mode)

    def output_sizes(self, sizes):
        return tuple(n and n + sum(p) for n, p in zip(sizes, self.padding))

    def get_config(self):
        return super().get_config() | {"padding": self.padding}


def _widths(padding, rank):
    """`padding` as `(before, after)` for each axis."""
    axes = padding if isinstance(padding, (list, tuple)) else [padding] * rank
    if rank == 1 and len(axes) == 2:
        axes = [axes]
    pairs = [a if isinstance(a, (list, tuple)) else (a, a) for a in axes]
    try:
        widths = tuple(tuple(map(operator.index, pair)) for pair in pairs)
    except TypeError:
        widths = ()
    known = [w for pair in widths for w in pair]
    if (
        [len(w) for w in widths] != [2] * rank
        or any(isinstance(w, bool) for pair in pairs for w in pair)
        or not 0 <= min(known) <= max(known) <= MOST_PADDING
    ):
        raise ValueError(
            f"`padding` must be an integer from 0 to {MOST_PADDING}, or an "
            f"integer or a pair `(before, after)` for each of {rank} spatial "
            "axes. "
            f"Received: {padding!r}"
        )
    return widths


@keras.saving.register_keras_serializable(package="tfupsample")
class Pad1D(Pad):
    """`Pad` of `(batch, length, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.Pad1D((2, 1), "edge")
    >>> np.asarray(layer(np.arange(3.0).reshape(1, 3, 1))).ravel().tolist()
    [0.0, 0.0, 0.0, 1.0, 2.0, 2.0]
    """

    rank = 1


@keras.saving.register_keras_serializable(package="tfupsample")
class Pad2D(Pad):
    """`Pad` of `(batch, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.Pad2D(((1, 2), 0), "reflect")
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 19, 16, 4)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="tfupsample")
class Pad3D(Pad):
    """`Pad` of `(batch, depth, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.Pad3D(1)
    >>> tuple(layer(np.zeros((1, 8, 8, 8, 4), "float32")).shape)
    (1, 10, 10, 10, 4)
    """

    rank = 3
