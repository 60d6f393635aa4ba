"""Phase gains: what an upsampling convolution does to a flat image.

A convolution that upsamples by `scale` is one ordinary convolution for each
phase of the output. It keeps flat images flat if and only if the taps of all
phases have the same sum, the *gain*, for each pair of channels (Sugawara,
Shiota and Kiya, 2018, arXiv 1806.02658). A tap `k` of a transposed convolution
belongs to phase `k % scale`: padding moves all phases alike.

Here a kernel is `(*kernel_size, filters, in_channels)` if `transposed`, as in
`keras.layers.Conv2DTranspose`, else `(*kernel_size, in_channels,
phases * filters)`, as before a depth-to-space, the phase in the slow part.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import boolean, per_axis, scale_factor


def phase_gains(
    kernel: Any, scale: int | Sequence[int], transposed: bool = True
) -> Any:
    """Returns the sum of the taps of each phase.

    Args:
        kernel: The kernel, as above.
        scale: Upsampling factor, an integer or one for each spatial axis.
        transposed: Which of the two kernels it is.

    Returns:
        `(phases, filters, in_channels)` if transposed, else
        `(phases, in_channels, filters)`; the last spatial axis fastest among
        the phases.

    Raises:
        ValueError: if a phase has no taps, or the last axis of a kernel that is
            not transposed is no multiple of the number of phases.
    """
    kernel = _checked_kernel(kernel)
    scale = _checked_scale(kernel.shape, scale, transposed)
    *sizes, rows, columns = kernel.shape
    rank, phases = len(scale), math.prod(scale)
    if not transposed:
        total = ops.sum(kernel, tuple(range(rank)))
        total = ops.reshape(total, (rows, phases, columns // phases))
        return ops.swapaxes(total, 0, 1)
    cells = _cells(sizes, scale)
    fill = [(0, c * s - k) for c, s, k in zip(cells, scale, sizes)]
    kernel = ops.pad(kernel, [*fill, (0, 0), (0, 0)])
    split = [n for pair in zip(cells, scale) for n in pair]
    kernel = ops.reshape(kernel, (*split, rows, columns))
    total = ops.sum(kernel, tuple(range(0, 2 * rank, 2)))
    return ops.reshape(total, (phases, rows, columns))


def balanced(
    kernel: Any, scale: int | Sequence[int], transposed: bool = True
) -> Any:
    """Returns the nearest kernel (least squares) with equal phase gains.

    Every tap of a phase takes an equal share of the difference between the
    phase's gain and the common gain. The common gain is the mean of all gains,
    each weighted by one over the number of its taps: changing few taps costs
    more.

    Args:
        kernel: The kernel, as above.
        scale: Upsampling factor, an integer or one for each spatial axis.
        transposed: Which of the two kernels it is.

    Returns:
        A kernel of the same shape and dtype.

    Raises:
        ValueError: as `phase_gains`.
    """
    kernel = _checked_kernel(kernel)
    gains = phase_gains(kernel, scale, transposed)
    *sizes, rows, columns = kernel.shape
    scale = per_axis("scale", scale, len(sizes), scale_factor)
    weight = 1 / (_taps(sizes, scale) if transposed else np.prod(sizes))
    weight = np.broadcast_to(weight, (gains.shape[0], 1, 1))
    average = ops.convert_to_tensor(weight / weight.sum(), kernel.dtype)
    lack = ops.sum(average * gains, 0, keepdims=True) - gains
    share = lack * ops.convert_to_tensor(weight, kernel.dtype)
    if not transposed:
        return kernel + ops.reshape(ops.swapaxes(share, 0, 1), (rows, columns))
    share = ops.reshape(share, (*scale, rows, columns))
    share = ops.tile(share, (*_cells(sizes, scale), 1, 1))
    return kernel + share[tuple(slice(k) for k in sizes)]


def _checked_kernel(kernel):
    """A tensor of floats, one to three spatial axes, none of them empty."""
    try:
        kernel = ops.convert_to_tensor(kernel)
        fits = keras.backend.is_float_dtype(kernel.dtype)
    except (TypeError, ValueError):
        fits = False
    if not fits or not 3 <= len(kernel.shape) <= 5 or 0 in kernel.shape:
        raise ValueError(
            "`kernel` must be floats of shape (*kernel_size, channels, "
            f"channels). Received: {_described(kernel)}"
        )
    return kernel


def _described(kernel):
    if not hasattr(kernel, "shape"):
        return repr(kernel)
    return f"shape={tuple(kernel.shape)}, dtype={kernel.dtype}"


def _checked_scale(shape, scale, transposed):
    """The scale of each axis, if every phase has taps."""
    sizes = shape[:-2]
    scale = per_axis("scale", scale, len(sizes), scale_factor)
    if boolean("transposed", transposed) and any(
        k < s for k, s in zip(sizes, scale)
    ):
        raise ValueError(
            f"`kernel` must have at least `scale={scale}` taps, or a "
            f"phase has none. Received: shape={tuple(shape)}"
        )
    if not transposed and shape[-1] % math.prod(scale):
        raise ValueError(
            f"`kernel` must have a multiple of {math.prod(scale)} output "
            f"channels for scale={scale}. Received: shape={tuple(shape)}"
        )
    return scale


def _cells(sizes, scale):
    """Cells of `scale` taps that cover each axis of the kernel."""
    return [-(-k // s) for k, s in zip(sizes, scale)]


def _taps(sizes, scale):
    """Number of taps of each phase: `(phases, 1, 1)`."""
    counts = [
        [len(range(phase, k, s)) for phase in range(s)]
        for k, s in zip(sizes, scale)
    ]
    return functools.reduce(np.multiply.outer, counts, 1.0).reshape(-1, 1, 1)
