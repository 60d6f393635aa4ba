"""Arrays of images that repeat along their spatial axes.

A period is a tuple of pixels, one number for each spatial axis; the channels
stand at `axis`, 1 or -1.
"""

import numpy as np

from tfupsample.inspection.steps import spatial_sizes

# Differences that rounding leaves, as a share of the largest value.
_ROUNDING = 1e-4


def surrounded(x, period, margins, axis):
    """Returns an image extended beyond its border by its own repetition.

    Args:
        x: An image that repeats from its first pixel on.
        period: The period, as above.
        margins: Pixels to add on both sides of each spatial axis.
        axis: The channel axis, as above.
    """
    for i, (p, margin) in enumerate(zip(period, margins), _first(axis)):
        pixels = np.arange(-margin, x.shape[i] + margin)
        x = np.take(x, pixels % p, i)
    return x


def without_margins(x, margins, axis):
    """Returns an image without pixels on both sides of each spatial axis."""
    window = [slice(None)] * x.ndim
    for i, margin in enumerate(margins, _first(axis)):
        window[i] = slice(margin, x.shape[i] - margin)
    return x[tuple(window)]


def repeats(x, period, axis):
    """Returns whether an image repeats with a period."""
    least = _ROUNDING * np.abs(x).max(initial=0)
    return all(
        p <= x.shape[i]
        and np.all(np.abs(_pixels(x, i, p) - _pixels(x, i, 0, -p)) <= least)
        for i, p in enumerate(period, _first(axis))
    )


def repeated(x, periods, axis):
    """Returns an image rebuilt by repeating its middle.

    Args:
        x: An image that repeats in the middle but not at its border.
        periods: Periods that it may have; the first that holds in the middle
            counts. If none does, because the image has content of its own, the
            first is taken, with the mean over all its cells.
        axis: The channel axis, as above.

    Raises:
        ValueError: if the image is smaller than the period.
    """
    for period in periods:
        middle = middle_of(x, period, axis)
        if middle is not None and repeats(middle, period, axis):
            return tiled(middle, period, spatial_sizes(x.shape, axis), axis)
    cell = _mean_cell(x, periods[0], axis)
    return tiled(cell, periods[0], spatial_sizes(x.shape, axis), axis)


def middle_of(x, period, axis):
    """Returns two cells along each axis; `None` if there are not that many.

    A single pixel is its own middle, for images that should be flat, such as
    those after a reshape, whose content does not count.
    """
    count = 2 if max(period) > 1 else 1
    for i, p in enumerate(period, _first(axis)):
        cells = x.shape[i] // p
        if cells < count:
            return None
        start = (cells - count + 1) // 2 * p
        x = _pixels(x, i, start, start + count * p)
    return x


def beginning(x, sizes, axis):
    """Returns the first pixels of an image, `sizes` along its spatial axes."""
    for i, size in enumerate(sizes, _first(axis)):
        x = _pixels(x, i, 0, size)
    return x


def tiled(x, period, sizes, axis):
    """Returns an image of these sizes that repeats the first cell of another.

    Args:
        x: The other image.
        period: The sizes of its cell.
        sizes: Pixels along each spatial axis.
        axis: The channel axis, as above.
    """
    for i, (p, size) in enumerate(zip(period, sizes), _first(axis)):
        x = np.take(x, np.arange(size) % p, i)
    return x


def cell_of(x, period):
    """Returns a cell of each image, channels last: `(batch, *period, …)`."""
    return x[(slice(None), *(slice(p) for p in period))]


def _first(axis):
    """Returns the first spatial axis."""
    return 2 if axis == 1 else 1


def _pixels(x, axis, start, stop=None):
    return x[(*[slice(None)] * axis, slice(start, stop or None))]


def _mean_cell(x, period, axis):
    for i, p in enumerate(period, _first(axis)):
        cells = x.shape[i] // p
        if not cells:
            raise ValueError("An image is smaller than its pattern.")
        x = _pixels(x, i, 0, cells * p)
        x = x.reshape(*x.shape[:i], cells, p, *x.shape[i + 1 :]).mean(i)
    return x
