"""What the layers that upsample share: the sizes of their output."""

import operator
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.layers.spatial_base import SpatialBase


class UpsamplingBase(SpatialBase):
    """A layer that makes `scale` pixels of every pixel of its input.

    A subclass sets `scale`, an integer for each spatial axis.

    An encoder that halves a side of 89 pixels, rounding up, makes 45, and an
    upsampling makes 90 of these. So a call may say how large the output shall
    be. The rows and columns that are too many are cut off at the end; those
    that stay are what they are without the cut.

    Call arguments:
        inputs: Real numbers; integers become floats.
        size: Pixels of the output along each spatial axis, integers such as
            `(89, 75)`; one integer stands for all axes.
        like: Instead of `size`, an array that has these sizes, such as a skip
            connection, in the data format of the layer. They may be unknown
            until the model runs; the values do not matter.

    Raises:
        ValueError: unless `scale * (n - 1) < size <= scale * n` along each
            axis, where the input has `n` pixels: only a part of what its last
            pixel became may be cut off. Sizes that a graph does not know before
            it runs are not checked.
    """

    scale: tuple[int, ...]

    def call(
        self,
        inputs: Any,
        size: int | Sequence[int] | None = None,
        like: Any = None,
    ) -> Any:
        target = self._target(inputs.shape, size, like)
        y = super().call(inputs)
        if target is None:
            return y
        if None in target:
            target = ops.shape(like)[self.spatial_axes]
        elif target == tuple(y.shape[self.spatial_axes]):
            return y  # nothing for exporters to write
        before = (slice(None),) * self.spatial_axes.start
        return y[(*before, *map(slice, target))]

    def output_sizes(self, sizes):
        return tuple(n and n * s for n, s in zip(sizes, self.scale))

    def compute_output_shape(self, input_shape, size=None):
        return self._output_shape(input_shape, size)

    def compute_output_spec(self, inputs, size=None, like=None):
        shape = self._output_shape(inputs.shape, size, like)
        return keras.KerasTensor(shape, self.compute_dtype)

    def _output_shape(self, input_shape, size, like=None):
        shape = list(super().compute_output_shape(input_shape))
        target = self._target(input_shape, size, like)
        if target is not None:
            shape[self.spatial_axes] = target
        return tuple(shape)

    def _target(self, input_shape, size, like):
        """Returns the sizes to cut to, `None` where unknown; `None` for all."""
        if size is None and like is None:
            return None
        if size is None:
            name, target = "like", self._sizes_of(like)
        elif like is None:
            name, target = "size", self._as_sizes(size)
        else:
            raise ValueError(
                "`size` and `like` must not both be given. "
                f"Received: size={size!r}, like={like!r}"
            )
        sizes = tuple(input_shape[self.spatial_axes])
        for axis, (n, s, m) in enumerate(zip(sizes, self.scale, target)):
            # A size may be unknown, or a symbol where JAX exports.
            known = isinstance(n, int) and isinstance(m, int)
            if known and not s * (n - 1) < m <= s * n:
                raise ValueError(
                    f"`{name}` must have from {s * (n - 1) + 1} to {s * n} "
                    f"pixels along spatial axis {axis}, since the input has "
                    f"{n} and scale={s}; for others use another `scale`, or "
                    "resize the input first, as by `keras.ops.image.resize`. "
                    f"Received: {name} of {target}, input of {sizes}"
                )
        return target

    def _sizes_of(self, like):
        shape = tuple(getattr(like, "shape", ()))
        if len(shape) != self.rank + 2:
            raise ValueError(
                "`like` must be an array of batch, channels and "
                f"{self.rank} spatial axes; pass integers as `size`. "
                f"Received: {f'shape={shape}' if shape else like!r}"
            )
        return shape[self.spatial_axes]

    def _as_sizes(self, size):
        sizes = (size,) * self.rank if isinstance(size, int) else size
        try:
            sizes = tuple(map(operator.index, sizes))
        except TypeError:
            sizes = ()
        if len(sizes) != self.rank:
            raise ValueError(
                f"`size` must be {self.rank} integers, one for each spatial "
                "axis; if they are unknown until the model runs, pass an array "
                f"that has them as `like`. Received: {size!r}"
            )
        return sizes
