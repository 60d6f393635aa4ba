"""Enlarging by an integer scale, of channels-last arrays."""

from keras import ops

from tfupsample.kernels import resize_weights
from tfupsample.padding import pad


def resize(x, scale, interpolation):
    """Enlarges each spatial axis, with half-pixel centres.

    The result is that of `tf.image.resize` with `antialias=False`: neighbours
    beyond the border do not count and the remaining weights are renormalised.
    The stock op is not used because its bilinear form is wrong under XLA at odd
    scales, because bicubic does not compile at all, and because second
    derivatives through it fail or vanish.

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
            x = ops.repeat(x, factor, axis)
        elif factor > 1:
            x = _resize_axis(x, axis, factor, interpolation)
    return x


def _resize_axis(x, axis, scale, interpolation):
    if interpolation == "bilinear":  # renormalising there is repeating the edge
        return _interpolate(x, axis, scale, interpolation, "edge")
    total = _interpolate(x, axis, scale, interpolation, "constant")
    size = [1] * len(x.shape)
    size[axis] = ops.shape(x)[axis]
    ones = ops.ones(size, x.dtype)
    return total / _interpolate(ones, axis, scale, interpolation, "constant")


def _interpolate(x, axis, scale, interpolation, mode):
    """Weighted sums of shifted copies, one for each phase, interleaved."""
    first, weights = resize_weights(scale, interpolation)
    rank = len(x.shape) - 2
    widths = [(0, 0)] * rank
    widths[axis - 1] = (-first, first + weights.shape[1] - 1)
    padded = pad(x, widths, [mode] * rank)
    size = ops.shape(x)[axis]

    def shifted(i):
        index = [slice(None)] * len(x.shape)
        index[axis] = slice(i, i + size)
        return padded[tuple(index)]

    copies = [shifted(i) for i in range(weights.shape[1])]
    phases = [
        sum(w * copy for w, copy in zip(row, copies) if w)
        for row in weights.tolist()
    ]
    stacked = ops.stack(phases, axis + 1)
    shape = list(ops.shape(x))
    shape[axis] = size * scale
    return ops.reshape(stacked, shape)
