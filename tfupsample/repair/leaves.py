"""Random pictures that look like photographs to a filter: dead leaves."""

import numpy as np

_LEAVES = 25  # in a picture
_SMALLEST = 2.0  # the least radius, in pixels
_EDGE = 1.5  # the width of an edge, in pixels
_SHADING = 0.6  # how much a leaf may change over the side of the picture


def dead_leaves(count, height, width, channels, rng):
    """Draws pictures of discs that cover one another.

    Edges, slopes and even areas in them are as frequent at every scale as in
    photographs (Lee, Mumford and Huang, 2001): noise would hide a pattern that
    shows beside an edge or on a slope. The discs are shaded evenly, their
    edges are soft.

    Args:
        count: The number of pictures.
        height: In pixels.
        width: In pixels.
        channels: The number of channels.
        rng: A `numpy.random.Generator`.

    Returns:
        An array `(count, height, width, channels)` in [-1, 1].
    """
    images = np.empty((count, height, width, channels), "float32")
    grid = [np.arange(n, dtype="float32") for n in (height, width)]
    grid[0] = grid[0][:, None]
    for image in images:
        image[:] = _shade(image, *grid, rng)
        for _ in range(_LEAVES):
            _drop(image, *grid, rng)
    return np.clip(images, -1, 1)


def _drop(image, rows, columns, rng):
    """Lays a leaf over an image; radii have a density of 1 / r**2."""
    height, width = image.shape[:2]
    largest = max(max(height, width) / 2, _SMALLEST)
    radius = 1 / rng.uniform(1 / largest, 1 / _SMALLEST)
    y, x = rng.uniform(0, height), rng.uniform(0, width)
    reach = radius + _EDGE
    down = slice(max(int(y - reach), 0), int(y + reach) + 1)
    right = slice(max(int(x - reach), 0), int(x + reach) + 1)
    rows, columns, under = rows[down], columns[right], image[down, right]
    inside = (radius - np.hypot(rows - y, columns - x)) / _EDGE
    cover = np.clip(0.5 + inside, 0, 1)[..., None]
    under += cover * (_shade(image, rows, columns, rng) - under)


def _shade(image, rows, columns, rng):
    """Returns a colour that changes evenly, for a part of an image."""
    height, width, channels = image.shape
    down, right = map(float, rng.normal(0, _SHADING / max(height, width), 2))
    slope = (rows - height / 2) * down + (columns - width / 2) * right
    colour = rng.uniform(-1, 1, channels).astype("float32")
    return slope[..., None] + colour
