"""Padding of channels-last arrays: what a kernel sees beyond the border."""

import numpy as np
from keras import ops

PAD_MODES = ("symmetric", "reflect", "edge", "circular", "constant")


def pad(x, widths, modes):
    """Pads the spatial axes, each in its own mode.

    Every mode extends without limit, as `numpy.pad` does, so a border wider
    than the image is no error. Corners follow from padding one axis after the
    other.

    Args:
        x: `(batch, *sizes, channels)`; sizes may be unknown.
        widths: `(before, after)` for each spatial axis, in pixels.
        modes: A mode of `PAD_MODES` for each spatial axis: `"symmetric"`
            mirrors with the edge pixel repeated, `"reflect"` without,
            `"edge"` repeats the edge pixel, `"circular"` wraps around,
            `"constant"` adds zeros.

    Returns:
        `(batch, *(before + size + after), channels)`, the dtype of `x`.
    """
    for axis, ((before, after), mode) in enumerate(zip(widths, modes), start=1):
        if before or after:
            x = _pad_axis(x, axis, before, after, mode)
    return x


def _pad_axis(x, axis, before, after, mode):
    if mode == "constant":
        widths = [(0, 0)] * len(x.shape)
        widths[axis] = (before, after)
        return ops.pad(x, widths)
    strips = _static_strips if x.shape[axis] else _dynamic_strips
    first, last = strips(x, axis, before, after, mode)
    return ops.concatenate([*first, x, *last], axis)


def _static_strips(x, axis, before, after, mode):
    """Single rows, because the gradient of a slice is cheap and of take not."""
    size = x.shape[axis]
    positions = np.arange(-before, size + after)
    rows = _source(positions, size, mode, np)

    def row(i):
        index = [slice(None)] * len(x.shape)
        index[axis] = slice(i, i + 1)
        return x[tuple(index)]

    rows = [int(i) for i in rows]
    return (
        [row(i) for i in rows[:before]],
        [row(i) for i in rows[before + size :]],
    )


def _dynamic_strips(x, axis, before, after, mode):
    size = ops.shape(x)[axis]
    first = _source(ops.arange(-before, 0), size, mode, ops)
    last = _source(ops.arange(after) + size, size, mode, ops)
    return [ops.take(x, first, axis)], [ops.take(x, last, axis)]


def _source(position, size, mode, np):
    """Which pixel of a signal of `size` stands at `position`, inside or not.

    `np` is numpy or `keras.ops`.
    """
    if mode == "edge":
        return np.clip(position, 0, size - 1)
    if mode == "circular":
        return np.mod(position, size)
    if mode == "symmetric":
        position = np.mod(position, 2 * size)
        return np.minimum(position, 2 * size - 1 - position)
    period = np.maximum(2 * size - 2, 1)  # reflect; 1 where there is one pixel
    position = np.mod(position, period)
    return np.minimum(position, period - position)
