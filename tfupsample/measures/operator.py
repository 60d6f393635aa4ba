"""Linear layers as matrices, to look at what they do to each pixel."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from tfupsample.arguments import (
    check_function,
    finite_array,
    integer,
    positive_integer,
    shape_of,
)

MOST_INPUTS = 2**13
"""Values of an input: the impulses alone are their square, 256 MiB."""


def operator_matrix(
    function: Callable[[Any], Any], sizes: Sequence[int], channels: int = 1
) -> np.ndarray:
    """Returns the dense matrix of a linear layer.

    The layer is applied to one unit impulse for each input value, all in one
    batch; what it makes of zeros, its bias, is subtracted.

    Args:
        function: A layer or function from `(batch, *sizes, channels)` to an
            array with a batch, linear up to a constant.
        sizes: Spatial sizes of the input, in pixels.
        channels: Channels of the input; with all pixels at most 8192 values.

    Returns:
        float64 `(outputs, inputs)`: pixels and channels flattened in row-major
        order, the channel fastest.

    Raises:
        ValueError: if the function is not linear up to a constant.
    """
    check_function("function", function)
    sizes = shape_of("sizes", sizes, "one to three sizes", (1, 2, 3))
    shape = (*sizes, positive_integer("channels", channels))
    inputs = math.prod(shape)
    if inputs > MOST_INPUTS:
        raise ValueError(
            f"`sizes` and `channels` must make at most {MOST_INPUTS} input "
            f"values. Received: {shape}"
        )
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


def transposed_convolution_matrix(
    kernel: ArrayLike, stride: int, size: int
) -> np.ndarray:
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
    finite_array("kernel", kernel, ("kernel_size",))
    kernel = np.asarray(kernel)
    integer("stride", stride, 1, MOST_INPUTS)
    integer("size", size, 1, MOST_INPUTS)
    rows = (size - 1) * stride + len(kernel)
    matrix = np.zeros((rows, size), kernel.dtype)
    for i in range(size):
        matrix[i * stride : i * stride + len(kernel), i] = kernel
    return matrix
