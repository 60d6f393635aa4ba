"""Overlap of transposed convolutions, from kernel size and stride alone.

A transposed convolution adds a copy of its kernel for each input pixel. Where
the stride does not divide the kernel size, the copies overlap unevenly and some
output pixels receive more than others (Odena, Dumoulin and Olah, 2016, doi
10.23915/distill.00003).
"""

import functools
import math
from collections.abc import Sequence

import numpy as np

from tfupsample.arguments import integer, scale_factor, tap_count

_MOST_PIXELS = 2**24  # of one period of a pattern


def overlap(layers: Sequence[Sequence[int]], rank: int = 1) -> np.ndarray:
    """Counts the taps that reach each output pixel, away from the border.

    Args:
        layers: `(kernel_size, stride)` of each layer from the input on. In a
            stack, paths from the input to the output pixel are counted; a
            layer of stride 1 is a convolution.
        rank: Number of spatial axes, 1 to 3, all alike.

    Returns:
        Integers, one period of the pattern: `(period,) * rank`, with the
        product of the strides as period. Where in the image the period starts
        depends on the padding. All equal: even overlap.

    Raises:
        ValueError: if a number is no positive integer, or the period is huge.
    """
    rank = integer("rank", rank, 1, 3)
    layers = _checked(layers)
    period = math.prod(stride for _, stride in layers)
    if period**rank > _MOST_PIXELS:
        raise ValueError(
            f"`layers` must have a period of at most {_MOST_PIXELS} pixels. "
            f"Received: {layers}, of period {period} along {rank} axes"
        )
    counts = functools.reduce(_through, layers, np.ones(1, int))
    axes = [counts] * rank
    return functools.reduce(np.multiply.outer, axes)


def _checked(layers):
    try:
        pairs = [(size, stride) for size, stride in layers]
    except (TypeError, ValueError) as error:
        raise ValueError(
            "`layers` must be pairs (kernel_size, stride). "
            f"Received: {layers!r}"
        ) from error
    return [
        (
            tap_count("kernel_size", size),
            scale_factor("stride", stride),
        )
        for size, stride in pairs
    ]


def _through(counts, layer):
    """One period of the counts after a layer, from that before it."""
    size, stride = layer
    spread = np.zeros(len(counts) * stride, int)
    spread[::stride] = counts
    return sum(np.roll(spread, tap) for tap in range(size))


def unevenness(layers: Sequence[Sequence[int]], rank: int = 1) -> float:
    """Returns the largest count of `overlap` over the smallest.

    Args:
        layers: As for `overlap`.
        rank: Number of spatial axes.

    Returns:
        A float of at least 1; 1: even. Infinite if a pixel is reached by none.
    """
    counts = overlap(layers, rank)
    return float(counts.max() / counts.min()) if counts.min() else float("inf")


def box_gain(kernel_size: int, period: int) -> np.ndarray:
    """Returns what a convolution of equal taps leaves of a pattern.

    A layer of stride 1 after an uneven one evens the overlap of the stack as a
    box of its size does: it removes the harmonics whose period divides its
    size, damps the others, and no kernel size removes all unless the period
    divides it. The learned taps differ from a box, so this says what the
    structure does, not what a trained layer does.

    Args:
        kernel_size: Taps of the later layer.
        period: Period of the pattern in pixels, the stride of the uneven layer.

    Returns:
        `(period,)` floats in 0..1: the gain at each frequency
        `harmonic / period`, in cycles a pixel; the first is the mean, always 1.
        0: removed.
    """
    size = tap_count("kernel_size", kernel_size)
    harmonics = np.arange(1, integer("period", period, 1))
    # Whole turns over the box; not left to the rounding of sines.
    removed = harmonics * size % period == 0
    angle = np.pi * harmonics / period
    gain = np.abs(np.sin(size * angle) / (size * np.sin(angle)))
    return np.concatenate([[1.0], np.where(removed, 0, gain)])
