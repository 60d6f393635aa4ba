"""Real pictures that scikit-image ships; none is downloaded."""

import numpy as np
from skimage import data

NAMES = (
    "astronaut",
    "coffee",
    "chelsea",
    "rocket",
    "camera",
    "coins",
    "moon",
    "brick",
    "grass",
    "gravel",
    "retina",
    "hubble_deep_field",
    "immunohistochemistry",
)


def photographs():
    """uint8 arrays `(height, width, 3)`."""
    pictures = (getattr(data, name)() for name in NAMES)
    return [
        p[..., :3] if p.ndim == 3 else np.repeat(p[..., None], 3, axis=-1)
        for p in pictures
    ]


def crops(rng, count, size, noise=2.0):
    """Random crops, mirrored, with other light and noise: float, 0 to 255.

    The standard deviation of the noise is in steps of 8 bits.
    """
    pictures = photographs()
    images = np.empty((count, size, size, 3))
    for i in range(count):
        whole = pictures[i % len(pictures)]
        row, column = (rng.integers(n - size + 1) for n in whole.shape[:2])
        crop = whole[row : row + size, column : column + size].astype(float)
        crop = crop[:, :: rng.choice([-1, 1])]
        light = rng.uniform(0.7, 1.1), rng.uniform(-10, 10)
        images[i] = (crop - 128) * light[0] + 128 + light[1]
    return images + rng.normal(scale=noise, size=images.shape)


def to_8_bit(images):
    return np.clip(np.rint(images), 0, 255).astype("uint8")


def checkerboard(period, size):
    """Squares of half a period, -1 and 1: `(size, size, 1)`."""
    side = np.arange(size) % period * 2 // period
    return np.where(side[:, None] == side, 1.0, -1.0)[..., None]


def one_pixel(period, size):
    """One bright pixel a cell, mean 0, from -1 to 1 but for an offset."""
    first = np.arange(size) % period == 0
    cells = np.outer(first, first).astype(float)
    return 2 * (cells - 1 / period**2)[..., None]
