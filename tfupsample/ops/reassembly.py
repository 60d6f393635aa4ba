"""Weighted sums of neighbourhoods, whose weights differ from pixel to pixel."""

import math

from keras import ops

from tfupsample.ops.adjoint import crop
from tfupsample.ops.padding import pad
from tfupsample.ops.phase_form import depth_to_space


def reassemble(x, weights, kernel_size, scale, modes):
    """Enlarges images by sums of neighbours, with weights for each pixel.

    Output pixel `scale * n + phase` is the sum over the taps of
    `weights[n, group, phase, tap] * x[n + tap - (kernel_size - 1) // 2]`.

    Args:
        x: `(batch, height, width, channels)`; batch and sizes may be unknown.
        weights: `(batch * height * width, groups, phases, taps)`, the dtype of
            `x`. Each group of channels has weights of its own. Phases and taps
            go row by row.
        kernel_size: Taps along each axis.
        scale: Phases along each axis.
        modes: A mode of `PAD_MODES` for each axis: how `x` continues beyond its
            border.

    Returns:
        `(batch, scale * height, scale * width, channels)`.
    """
    batch, height, width, channels = ops.shape(x)
    groups, phases = weights.shape[1:3]
    patches = ops.reshape(
        neighbourhoods(x, kernel_size, modes),
        (-1, math.prod(kernel_size), groups, channels // groups),
    )
    # On PyTorch `ops.matmul` makes float32 of float64; `@` keeps it.
    y = weights @ ops.transpose(patches, (0, 2, 1, 3))
    y = ops.transpose(y, (0, 2, 1, 3))
    y = ops.reshape(y, (batch, height, width, phases * channels))
    return depth_to_space(y, scale)


def neighbourhoods(x, kernel_size, modes):
    """Returns what a kernel sees around each pixel, row by row.

    Args:
        x: `(batch, height, width, channels)`; batch and sizes may be unknown.
        kernel_size: Taps along each axis; an even number reaches one pixel
            further after than before.
        modes: A mode of `PAD_MODES` for each axis.

    Returns:
        `(batch, height, width, taps, channels)`.
    """
    padded = pad(x, [((k - 1) // 2, k // 2) for k in kernel_size], modes)
    rows, columns = kernel_size
    copies = [
        crop(padded, ((i, rows - 1 - i), (j, columns - 1 - j)))
        for i in range(rows)
        for j in range(columns)
    ]
    return ops.stack(copies, axis=3)
