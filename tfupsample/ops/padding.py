"""Padding of channels-last arrays: what a kernel sees beyond the border."""

import numpy as np
from keras import ops

from tfupsample.ops.adjoint import window, with_adjoint


def pad(x, widths, modes):
    """Pads the spatial axes, each in its own mode.

    Every mode extends without limit, as in `numpy.pad`: a border may be wider
    than the image. Corners follow from padding one axis after the other.

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
    size = x.shape[axis]
    if not isinstance(size, int):  # None, or a symbol where JAX exports
        return _pad_unknown(x, axis, before, after, mode)
    outside = np.array([*range(-before, 0), *range(size, size + after)])
    source = source_pixels(outside, size, mode, np).tolist()

    def extend(x):
        rows = [window(x, axis, i, 1) for i in source]
        return ops.concatenate([*rows[:before], x, *rows[before:]], axis)

    def fold(y):
        return _fold(y, axis, before, size, source)

    return with_adjoint(extend, fold, x)


def _fold(y, axis, before, size, source):
    """Adds each row outside to the row that it was copied from."""
    places = {}
    for i, row in enumerate(source):
        place = i if i < before else i + size
        places.setdefault(row, [before + row]).append(place)
    pieces, done = [], 0
    for row in sorted(places):
        pieces.append(window(y, axis, before + done, row - done))
        pieces.append(sum(window(y, axis, i, 1) for i in places[row]))
        done = row + 1
    pieces.append(window(y, axis, before + done, size - done))
    return ops.concatenate(pieces, axis)


def _pad_unknown(x, axis, before, after, mode):
    # Without a dtype the positions would have 64 bits where `floatx` has, and
    # TensorFlow would not add them to a size of 32.
    size = ops.shape(x)[axis]
    first = ops.arange(-before, 0, dtype="int32")
    last = ops.arange(after, dtype="int32") + size
    first, last = (
        ops.take(x, source_pixels(outside, size, mode, ops), axis)
        for outside in (first, last)
    )
    return ops.concatenate([first, x, last], axis)


def source_pixels(position, size, mode, np):
    """Returns which pixels of a signal of `size` stand at any positions.

    Args:
        position: Integers; the signal has 0 to `size - 1`.
        size: Pixels of the signal, which may be a tensor.
        mode: A mode of `PAD_MODES` but `"constant"`.
        np: `numpy` or `keras.ops`.
    """
    if mode == "edge":
        return np.clip(position, 0, size - 1)
    period = {
        "circular": size,
        "symmetric": 2 * size,
        "reflect": np.maximum(2 * size - 2, 1),  # 1 where there is one pixel
    }[mode]
    # Twice, since ONNX gives negative numbers negative remainders.
    position = np.mod(np.mod(position, period) + period, period)
    if mode == "circular":
        return position
    mirrored = period - position - int(mode == "symmetric")
    return np.minimum(position, mirrored)
