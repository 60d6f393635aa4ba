"""Linear layers as matrices, to look at what they do to each pixel."""

import math

import numpy as np
from keras import ops


def operator_matrix(function, sizes, channels=1):
    """Returns the dense matrix of a linear layer.

    The layer is applied to one unit impulse for each input value, all in one
    batch; what it makes of zeros, its bias, is subtracted.

    Args:
        function: A layer or function from `(batch, *sizes, channels)` to an
            array with a batch, linear up to a constant.
        sizes: Spatial sizes of the input, in pixels.
        channels: Channels of the input.

    Returns:
        float64 `(outputs, inputs)`: pixels and channels flattened in row-major
        order, the channel fastest.

    Raises:
        ValueError: if the function is not linear up to a constant.
    """
    shape = (*sizes, channels)
    inputs = math.prod(shape)
    # The last one is for the check.
    probe = (-2 / 3) ** np.arange(inputs)
    batch = np.concatenate([np.zeros((1, inputs)), np.eye(inputs), [probe]])
    outputs = function(batch.reshape(-1, *shape).astype("float32"))
    outputs = ops.convert_to_numpy(outputs).astype("float64")
    outputs = outputs.reshape(inputs + 2, -1)
    matrix = (outputs[1:-1] - outputs[0]).T
    expected = matrix @ probe + outputs[0]
    scale = np.abs(outputs).max()
    if np.abs(outputs[-1] - expected).max() > 1e-3 * scale:
        raise ValueError(
            "`function` must be linear up to a constant, without activation. "
            f"Received: {function}"
        )
    return matrix


def transposed_convolution_matrix(kernel, stride, size):
    """Returns the band matrix of a 1-D transposed convolution.

    Column `i` holds the kernel from row `i * stride` on: where columns share
    rows, the kernel overlaps with itself. Its transpose is the strided
    convolution that it undoes the shape of.

    Args:
        kernel: `(kernel_size,)` taps.
        stride: Output pixels from one copy of the kernel to the next.
        size: Input pixels.

    Returns:
        `((size - 1) * stride + kernel_size, size)`, the dtype of the kernel.
    """
    kernel = np.asarray(kernel)
    rows = (size - 1) * stride + len(kernel)
    matrix = np.zeros((rows, size), kernel.dtype)
    for i in range(size):
        matrix[i * stride : i * stride + len(kernel), i] = kernel
    return matrix
