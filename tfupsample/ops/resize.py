"""Enlarging channels-last arrays by an integer scale."""

from keras import ops

from tfupsample.ops.adjoint import crop
from tfupsample.ops.padding import pad
from tfupsample.ops.phase_form import resize_weights


def resize(x, scale, interpolation):
    """Enlarges each spatial axis, with half-pixel centres.

    The result is that of `tf.image.resize` with `antialias=False`: neighbours
    beyond the border do not count and the remaining weights are renormalised.
    The stock op is no use here: under XLA its bilinear form is wrong at odd
    scales and its bicubic form does not compile, and second derivatives through
    it fail or vanish.

    Args:
        x: `(batch, *sizes, channels)`; sizes may be unknown.
        scale: Integer for each spatial axis.
        interpolation: `"nearest"`, `"bilinear"` (linear along each axis) or
            `"bicubic"` (cubic along each axis, Keys 1981 with a = -0.5).

    Returns:
        `(batch, *(size * scale), channels)`, the dtype of `x`.
    """
    for axis, factor in enumerate(scale, start=1):
        if factor > 1 and interpolation == "nearest":
            shape = list(ops.shape(x))
            shape[axis] = shape[axis] * factor
            # Without it LiteRT's convolution would not know its channels.
            x = ops.reshape(ops.repeat(x, factor, axis), shape)
        elif factor > 1:
            x = _resize_axis(x, axis, factor, interpolation)
    return x


def _resize_axis(x, axis, scale, interpolation):
    first, weights = resize_weights(scale, interpolation)
    if interpolation == "bilinear":  # there, renormalising repeats the edge
        return polyphase(x, axis, first, weights, "edge")
    total = polyphase(x, axis, first, weights, "constant")
    size = [1] * len(x.shape)
    size[axis] = ops.shape(x)[axis]
    ones = ops.ones(size, x.dtype)
    return total / polyphase(ones, axis, first, weights, "constant")


def polyphase(x, axis, first, weights, mode):
    """Enlarges one axis by sums of shifted copies, one sum for each phase.

    Output pixel `scale * n + phase` is the sum over `i` of
    `weights[phase, i] * x[n + first + i]`.

    Args:
        x: `(batch, *sizes, channels)`; sizes may be unknown.
        axis: The axis of `x`.
        first: Offset of the first neighbour, an integer of at most 0.
        weights: Array of shape `(scale, neighbours)`, without empty rows.
        mode: A mode of `PAD_MODES`: how `x` continues beyond its border.

    Returns:
        The enlarged array, the dtype of `x`.
    """
    scale, neighbours = weights.shape
    rank = len(x.shape) - 2
    widths = [(0, 0)] * rank
    widths[axis - 1] = (-first, first + neighbours - 1)
    padded = pad(x, widths, [mode] * rank)
    copies = []
    for i in range(neighbours):
        widths[axis - 1] = (i, neighbours - 1 - i)
        copies.append(crop(padded, widths))
    phases = [
        sum(w * copy for w, copy in zip(row, copies) if w)
        for row in weights.tolist()
    ]
    stacked = ops.stack(phases, axis + 1)
    shape = list(ops.shape(x))
    shape[axis] = shape[axis] * scale
    return ops.reshape(stacked, shape)
