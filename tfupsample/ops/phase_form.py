"""Resize-convolution as one small convolution: pure functions of arrays.

Resizing by an integer scale and convolving is linear and repeats every `scale`
output pixels, so it amounts to `scale` ordinary convolutions per axis, the
*phases*, over the low-resolution input. Side by side as channels, the phases
are one convolution, followed by depth-to-space. Everything here is separable: a
plan describes one axis, and `phase_kernel` combines one plan per axis.
"""

import dataclasses
import functools
import math

import numpy as np
from keras import ops


def _nearest(t):
    return (np.abs(t) < 0.5).astype(float)


def _bilinear(t):
    return np.maximum(1 - np.abs(t), 0)


def bicubic(t):
    """Returns the cubic of Keys 1981 with a = -0.5, as in `tf.image.resize`."""
    t = np.abs(t)
    inner = (1.5 * t - 2.5) * t**2 + 1
    outer = ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t < 1, inner, np.where(t < 2, outer, 0))


_KERNELS = {"nearest": _nearest, "bilinear": _bilinear, "bicubic": bicubic}


@functools.cache
def resize_weights(scale, interpolation):
    """Returns the weights of the neighbours in each phase of a resized signal.

    Output pixel `scale * n + phase` is the sum over `i` of
    `weights[phase, i] * x[n + first + i]`, with half-pixel centres.

    Args:
        scale: Integer, at least 1.
        interpolation: One of `tfupsample.arguments.INTERPOLATIONS`.

    Returns:
        `(first, weights)`: the offset of the first neighbour, an integer of at
        most 0, and a float64 array of shape `(scale, neighbours)`.
    """
    offsets = np.arange(-2, 3)
    centres = (np.arange(scale) + 0.5) / scale - 0.5
    weights = _KERNELS[interpolation](centres[:, None] - offsets)
    used = np.flatnonzero(weights.any(axis=0))
    first, last = used[0], used[-1]
    return int(offsets[first]), weights[:, first : last + 1]


@dataclasses.dataclass(frozen=True)
class PhasePlan:
    """How to compute one axis of a resize-convolution at low resolution.

    Pad the input by `pad`, convolve (VALID) with the phase kernel, move the
    phases into the axis, crop the result by `crop`.

    Attributes:
        matrix: `(scale, taps, kernel_size)`; the phase kernel is its product
            with the kernel of the definition.
        pad: Pixels of the input to add before and after.
        crop: Pixels of the output to drop before and after.
    """

    matrix: np.ndarray
    pad: tuple
    crop: tuple

    @property
    def scale(self):
        """Phases of the axis."""
        return self.matrix.shape[0]

    @property
    def taps(self):
        """Input pixels that each phase sees."""
        return self.matrix.shape[1]


@functools.cache
def phase_plan(kernel_size, scale, interpolation):
    """Returns the `PhasePlan` with the fewest taps for one axis.

    The definition is `y[i] = sum_k w[k] u[i + k - (kernel_size - 1) // 2]` with
    `u` the resized input. The grid of phases may start anywhere; shifting it
    lets all phases share one window (2 instead of 3 taps for nearest, scale 2,
    kernel size 3), at the price of a crop.

    Args:
        kernel_size: Taps of the kernel on the resized signal, at least 1.
        scale: Integer, at least 1.
        interpolation: One of `tfupsample.arguments.INTERPOLATIONS`.
    """
    plans = (
        shifted_plan(kernel_size, scale, interpolation, shift)
        for shift in range(scale)
    )
    return min(plans, key=lambda plan: (plan.taps, plan.crop))


def shifted_plan(kernel_size, scale, interpolation, shift):
    """Returns the `PhasePlan` whose phase 0 is output pixel `-shift`."""
    first, weights = resize_weights(scale, interpolation)
    phase, tap = np.ogrid[:scale, :kernel_size]
    cell, resized = np.divmod(
        phase - shift + tap - (kernel_size - 1) // 2, scale
    )
    neighbours = weights.shape[1]
    reach = cell[..., None] + first + np.arange(neighbours)
    used = weights[resized] != 0
    low, high = reach[used].min(), reach[used].max()
    matrix = np.zeros((scale, high - low + 1, kernel_size))
    index = np.broadcast_arrays(phase[..., None], reach - low, tap[..., None])
    np.add.at(matrix, tuple(i[used] for i in index), weights[resized][used])
    more = shift > 0  # a shifted grid needs one more cell to reach the end
    crop = (shift, scale - shift) if more else (0, 0)
    return PhasePlan(matrix, (int(-low), int(high + more)), crop)


def phase_kernel(kernel, plans):
    """Returns the low-resolution kernel that makes each phase a channel.

    Args:
        kernel: `(*kernel_size, in_channels, filters)`, of the definition.
        plans: A `PhasePlan` for each spatial axis.

    Returns:
        `(*taps, in_channels, phases * filters)`, the phase in the slow part of
        the last axis, the last spatial axis fastest among the phases: the order
        of `depth_to_space`.
    """
    *_, channels, filters = kernel.shape
    taps = tuple(plan.taps for plan in plans)
    phases = math.prod(plan.scale for plan in plans)
    matrix = ops.convert_to_tensor(_joint_matrix(plans), kernel.dtype)
    # On PyTorch `ops.matmul` makes float32 of float64; `@` keeps it.
    mixed = matrix @ ops.reshape(kernel, (matrix.shape[1], -1))
    mixed = ops.reshape(mixed, (*taps, phases, channels, filters))
    return ops.reshape(
        ops.swapaxes(mixed, -3, -2), (*taps, channels, phases * filters)
    )


def _joint_matrix(plans):
    """Returns the product of the plans' matrices over all axes.

    Its shape is `(all taps * all phases, all kernel taps)`.
    """
    rank = len(plans)
    joint = functools.reduce(
        np.multiply.outer, [plan.matrix.transpose(1, 0, 2) for plan in plans]
    )
    order = [3 * axis + part for part in range(3) for axis in range(rank)]
    joint = joint.transpose(order)
    return joint.reshape(-1, math.prod(joint.shape[2 * rank :]))


def exact_pad_mode(pad_mode, kernel_size, scale, interpolation):
    """Returns how to extend the input so that the phase form is exact.

    The definition pads the resized signal; the phase form pads the input. For
    some pairs the two agree, for others no extension of the input does.

    Args:
        pad_mode: Mode of the definition, for one axis.
        kernel_size: Taps of the kernel.
        scale: Integer, at least 1.
        interpolation: One of `tfupsample.arguments.INTERPOLATIONS`.

    Returns:
        A pad mode, or `None` where only the definition is exact.
    """
    if scale == 1:
        return pad_mode
    reach = kernel_size // 2
    room = {"nearest": scale - 1, "bilinear": (scale - 1) / 2}
    exact = {
        "nearest": ("symmetric", "edge", "circular", "constant"),
        "bilinear": ("symmetric", "edge"),
        "bicubic": (),
    }
    if pad_mode in exact[interpolation]:
        return pad_mode
    if pad_mode == "reflect" and reach <= room.get(interpolation, -1):
        return "edge"  # the mirrored pixels still lie in the outermost cell
    return None


def depth_to_space(x, scale):
    """Moves phases from the channels into space.

    Args:
        x: `(batch, *sizes, phases * filters)`, phases in the slow part.
        scale: Phases of each spatial axis; their product is `phases`.

    Returns:
        `(batch, *(size * scale), filters)`.
    """
    rank = len(scale)
    batch, first, *sizes, channels = ops.shape(x)
    filters = channels // math.prod(scale)
    # What stays together is one axis: LiteRT transposes six axes at most.
    x = ops.reshape(
        x, (batch * first, *sizes, *scale[:-1], scale[-1] * filters)
    )
    phases = range(rank, 2 * rank)
    axes = [axis for pair in zip(range(rank), phases) for axis in pair]
    x = ops.transpose(x, axes)
    sizes = (n * s for n, s in zip((first, *sizes), scale))
    return ops.reshape(x, (batch, *sizes, filters))
