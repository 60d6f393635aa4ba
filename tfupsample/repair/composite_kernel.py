"""Between resize-convolutions and the transposed convolutions they equal."""

import numpy as np
from keras import ops

from tfupsample.ops.phase_form import resize_weights


def composite_kernel(layer, kernel_size):
    """Returns the kernel of the transposed convolution that a layer equals.

    Args:
        layer: A `ResizeConv` layer.
        kernel_size: Taps along each axis of the kernel to return, which is cut
            if the layer reaches further, and filled with zeros if it reaches
            less far.

    Returns:
        An array `(*kernel_size, filters, in_channels)`.
    """
    kernel = np.swapaxes(ops.convert_to_numpy(layer.kernel), -2, -1)
    for axis, (taps, scale) in enumerate(zip(kernel_size, layer.scale)):
        size = layer.kernel_size[axis]
        matrix, room = _composites(taps, scale, size, layer.interpolation)
        start = room - (taps - scale) // 2
        rows = matrix[start : start + taps]
        kernel = np.moveaxis(np.tensordot(rows, kernel, (1, axis)), 0, axis)
    return kernel


def least_squares_taps(kernel_size, stride, interpolation):
    """Returns the map of one axis to the taps of a resize-convolution.

    Args:
        kernel_size: Taps of a transposed convolution.
        stride: Its stride, the scale of the resize-convolution.
        interpolation: The interpolation of the resize-convolution.

    Returns:
        An array `(new taps, old taps)`: the composite kernel of the new taps is
        the old kernel, or the nearest to it in least squares.
    """
    start = -((kernel_size - stride) // 2)  # taps of the transposed convolution
    size = _size(kernel_size, stride, start)
    matrix, room = _composites(kernel_size, stride, size, interpolation)
    return np.linalg.pinv(matrix)[:, room + start :][:, :kernel_size]


def _composites(kernel_size, stride, size, interpolation):
    """Returns what each tap of a resize-convolution does to one input pixel.

    Returns:
        `(matrix, room)`: `(output pixels, size)`, and the row of the output
        pixel where the input pixel begins.
    """
    # One input pixel after resizing, from output pixel `begin` on.
    first, weights = resize_weights(stride, interpolation)
    response = weights[:, ::-1].T.reshape(-1)
    begin = -stride * (first + weights.shape[1] - 1)
    room = kernel_size + len(response) + size  # on both sides
    matrix = np.zeros((2 * room, size))
    for tap in range(size):
        at = room + begin - tap + (size - 1) // 2
        matrix[at : at + len(response), tap] = response
    return matrix, room


def _size(kernel_size, stride, start):
    """Returns the fewest taps with which nearest resizing reaches as far."""
    size = 1
    while size // 2 < -start or stride + (size - 1) // 2 < start + kernel_size:
        size += 1
    return size
