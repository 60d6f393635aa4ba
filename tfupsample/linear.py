"""Linear maps of arrays with the gradients that suit them."""

import keras
from keras import ops


def with_adjoint(forward, adjoint, *arrays):
    """Returns `forward(*arrays)`; its gradient is `adjoint`, and so on.

    TensorFlow's own gradient of a slice fills an array with zeros for each
    slice, in graph mode at up to 10 times the cost of the slice, and for some
    slices has no gradient of its own under XLA. JAX needs no such help.

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


def add_bias(x, bias):
    """Adds one number to each channel.

    The gradient of the bias is a matrix product, because XLA's sum over all but
    the last axis runs on one core.

    Args:
        x: `(batch, *sizes, channels)`; sizes may be unknown.
        bias: `(channels,)`.
    """

    def add(x, bias):
        return ops.add(x, bias)

    def total(y):
        rows = ops.reshape(y, (-1, y.shape[-1]))
        ones = ops.ones((1, ops.shape(rows)[0]), y.dtype)
        return y, ops.reshape(ops.matmul(ones, rows), (-1,))

    return with_adjoint(add, total, x, bias)


def window(x, axis, start, size):
    """Returns `size` pixels of one axis, from pixel `start` on."""
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
