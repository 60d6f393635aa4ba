"""Linear maps of arrays, with gradients that are fast and exact."""

import keras
from keras import ops


def with_adjoint(forward, adjoint, *arrays):
    """Returns `forward(*arrays)`, whose gradient of any order is exact.

    The gradient is `adjoint`, that of `adjoint` is `forward`, and so on.
    TensorFlow's own gradient of a slice fills an array with zeros for each
    slice, which in graph mode costs up to 10 times as much as the slice, and
    under XLA some slices have no second gradient. JAX needs no such help.

    Args:
        forward: A linear function of arrays; returns one or a tuple.
        adjoint: Its transpose: `<forward(x), y> = <x, adjoint(y)>`.
        *arrays: What `forward` takes.
    """
    if keras.backend.backend() != "tensorflow":
        return forward(*arrays)

    @ops.custom_gradient
    def apply(*arrays):
        def gradient(*upstream):
            return with_adjoint(adjoint, forward, *upstream)

        return forward(*arrays), gradient

    return apply(*arrays)


def add_bias(x, bias, arrange):
    """Returns `arrange(x)` with one number added to each filter.

    On TensorFlow the bias is added before the phases are arranged, where it
    fuses with the convolution. Its gradient is taken afterwards, where the
    upstream gradient needs no copy, and as a matrix product, because XLA sums
    over all but the last axis on one core.

    Args:
        x: `(batch, *sizes, phases * filters)`; sizes may be unknown.
        bias: `(filters,)`.
        arrange: Linear function of `x` to `(batch, *sizes, filters)` that moves
            numbers and changes none.
    """
    if keras.backend.backend() != "tensorflow":
        return ops.add(arrange(x), bias)
    phases = x.shape[-1] // bias.shape[-1]
    constant = ops.stop_gradient(ops.tile(bias, (phases,)))
    added = arrange(ops.add(x, constant))

    @ops.custom_gradient
    def apply(added, bias):
        def gradient(upstream):
            return with_adjoint(_totals, ops.add, upstream)

        return ops.copy(added), gradient

    return apply(added, bias)


def _totals(y):
    """Returns the adjoint of adding a bias: `y`, and its sum per channel."""
    rows = ops.reshape(y, (-1, y.shape[-1]))
    ones = ops.ones((1, ops.shape(rows)[0]), y.dtype)
    return y, ops.reshape(ops.matmul(ones, rows), (-1,))


def window(x, axis, start, size):
    """Returns `size` pixels of one axis, starting at pixel `start`."""
    index = [slice(None)] * len(x.shape)
    index[axis] = slice(start, start + size)
    return x[tuple(index)]


def crop(x, widths):
    """Drops `(before, after)` pixels of each spatial axis.

    Args:
        x: `(batch, *sizes, channels)`; sizes may be unknown.
        widths: `(before, after)` for each spatial axis, not negative.
    """
    if not any(map(any, widths)):
        return x
    inside = (slice(a, -b or None) for a, b in widths)
    index = (slice(None), *inside)
    border = [(0, 0), *widths, (0, 0)]
    return with_adjoint(lambda x: x[index], lambda y: ops.pad(y, border), x)
