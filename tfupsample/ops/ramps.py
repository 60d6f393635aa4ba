"""Kernels under which flat images stay flat and ramps stay ramps.

Equal phase gains keep flat images flat, but that is not enough where pictures
have slopes: if the phases of a kernel have different centres of mass, a slope
comes out as a staircase, a pattern that follows the content. Equal first
moments of the phases remove it. Together these are the Strang-Fix conditions of
order 2 (Strang and Fix, 1971): the transfer function of the kernel then has
double zeros at the harmonics of the scale, and not only single ones.
"""

import functools
import math

import numpy as np
from keras import ops

from tfupsample.ops.phase_gain import phase_gains


def ramp_keeping(kernel, scale, transposed=True):
    """Returns the nearest kernel (least squares) under which ramps stay ramps.

    Args:
        kernel: As for `tfupsample.ops.phase_gain`.
        scale: Upsampling factor of each spatial axis.
        transposed: Which of the two kernels it is, as there.

    Returns:
        A kernel of the same shape and dtype. Gains and first moments (in output
        pixels) of all phases are equal.

    Raises:
        ValueError: as `phase_gains`.
    """
    kernel = ops.convert_to_tensor(kernel)
    phase_gains(kernel, scale, transposed)  # checks the arguments
    *sizes, rows, columns = kernel.shape
    if transposed:
        matrix = _projection(tuple(sizes), tuple(scale), True)
        return _project(matrix, kernel, (-1, rows * columns))
    phases = math.prod(scale)
    filters = columns // phases
    split = (math.prod(sizes), rows, phases, filters)
    taps = ops.swapaxes(ops.reshape(kernel, split), 1, 2)
    matrix = _projection(tuple(sizes), tuple(scale), False)
    taps = _project(matrix, taps, (-1, rows * filters))
    return ops.reshape(ops.swapaxes(taps, 1, 2), kernel.shape)


def _project(matrix, taps, shape):
    matrix = ops.convert_to_tensor(matrix, taps.dtype)
    # On PyTorch `ops.matmul` makes float32 of float64; `@` keeps it.
    return ops.reshape(matrix @ ops.reshape(taps, shape), taps.shape)


@functools.cache
def _projection(sizes, scale, transposed):
    """The orthogonal projection of all taps, `(taps, taps)`."""
    place, phase = _taps(sizes, scale, transposed)
    place = place - place.mean(axis=0)  # better conditioned, the same space
    moments = np.column_stack([np.ones(len(place)), place])
    inside = phase[:, None] == np.arange(math.prod(scale))
    rows = [
        moment * (inside[:, i] * 1.0 - inside[:, 0])
        for moment in moments.T
        for i in range(1, inside.shape[1])
    ]
    rows = np.array(rows)
    return np.eye(len(place)) - np.linalg.pinv(rows) @ rows


def _taps(sizes, scale, transposed):
    """Returns where each tap writes, in output pixels, and its phase."""
    taps = np.indices(sizes).reshape(len(sizes), -1).T
    if transposed:
        phase = np.ravel_multi_index((taps % scale).T, scale)
        return taps.astype(float), phase
    cells = np.indices(scale).reshape(len(scale), -1).T
    place = cells - taps[:, None] * np.array(scale)
    phase = np.broadcast_to(np.arange(len(cells)), place.shape[:-1])
    return place.reshape(-1, len(sizes)).astype(float), phase.reshape(-1)
