"""How clearly a single picture carries a pattern, and what pattern it is."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from tfupsample.arguments import finite_array, integer

# Distances, in bins of the spectrum, of the ring a harmonic is compared with.
_RING = (3, 4)
# Of the picture's own detail: where less is left, nothing is amplified.
_LEAST_DETAIL = 0.05
# What white noise gives before it is subtracted, in dB.
_NOISE_DB = 0.3


def pattern_strength(images: ArrayLike, period: int) -> np.ndarray:
    """Measures a pattern in each picture by itself.

    The fine detail of the grey picture (what a Gaussian of one pixel removes)
    is divided by its own strength nearby, so that a flat sky, where the
    pattern shows, counts as much as hair, where it drowns. Then the power at
    each of the `period**2 - 1` harmonics is compared with the median of the
    bins at distance 3 and 4, as in `peak_prominence`. The mean over the
    harmonics is taken of `10 log10((1 + ratio) / 2)`: in one picture a bin may
    be near zero by chance, and the mean of plain decibels would be its prey.

    `peak_prominence` is the measure of a set; this one tells single files
    apart, where the other has too much noise.

    Args:
        images: `(batch, height, width, channels)`, any unit.
        period: Period of the pattern in pixels, at least 2.

    Returns:
        `(batch,)` floats in dB, above -4; about 0 for white noise and natural
        pictures, see `significance` for how exactly.

    Raises:
        ValueError: if the images measure less than 8 periods a side: the
            harmonics would be each other's neighbours.
    """
    images = finite_array("images", images)
    period = integer("period", period, 2)
    if min(images.shape[1:3]) < 8 * period:
        raise ValueError(
            "`images` must measure at least 8 periods a side. Received: "
            f"shape={images.shape}, period={period}"
        )
    height, width = (n // period * period for n in images.shape[1:3])
    detail = _even_detail(images[:, :height, :width].mean(axis=-1))
    power = np.abs(np.fft.fft2(detail)) ** 2 + np.finfo(float).tiny
    ratios = _ratios(power, period)
    decibels = 10 * np.log10((1 + ratios[:, 1:]) / 2)
    return decibels.mean(axis=1) - _NOISE_DB


def significance(strength: ArrayLike, period: int) -> np.ndarray:
    """Returns a strength in standard deviations of clean pictures.

    White noise has a standard deviation of about `3 / sqrt(period**2 - 1)` dB
    from picture to picture: there are that many harmonics. The unit makes
    periods comparable: a pattern is most significant at its own period, less
    at divisors, which see some of its harmonics, and at multiples, which see
    others besides.

    Args:
        strength: A result of `pattern_strength`, in dB, or an average of
            several.
        period: The period it was measured at.

    Returns:
        The same shape as `strength`; 0: as in clean pictures.
    """
    period = integer("period", period, 2)
    return np.multiply(strength, np.sqrt(period**2 - 1) / 3)


def phase_tiles(
    images: ArrayLike, period: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and variance of each phase, over all images.

    Args:
        images: `(batch, height, width, channels)`, any unit.
        period: Period of the pattern in pixels.

    Returns:
        Two arrays `(period, period)` of the grey images, each of mean 0: what
        `coherent_score` and `variance_ratio` condense.

    Raises:
        ValueError: if the images are smaller than the period.
    """
    grey = finite_array("images", images).mean(axis=-1)
    grey = grey - grey.mean(axis=(1, 2), keepdims=True)
    period = integer("period", period, 1)
    rows, columns = (n // period for n in grey.shape[1:])
    if not rows or not columns:
        raise ValueError(
            f"`images` must measure at least period={period} pixels a side. "
            f"Received: {np.shape(images)}"
        )
    cells = grey[:, : rows * period, : columns * period].reshape(
        -1, rows, period, columns, period
    )
    return cells.mean(axis=(0, 1, 3)), cells.var(axis=(0, 1, 3))


def _even_detail(grey):
    """The fine detail, divided by its own strength nearby."""
    detail = grey - ndimage.gaussian_filter(grey, (0, 1, 1))
    squares = np.maximum(ndimage.gaussian_filter(detail**2, (0, 2, 2)), 0)
    least = _LEAST_DETAIL**2 * np.mean(detail**2, axis=(1, 2), keepdims=True)
    return detail / np.sqrt(np.maximum(squares, least) + np.finfo(float).tiny)


def _ratios(power, period):
    """`(batch, period**2)`: power at the harmonics over that around them."""
    height, width = power.shape[1:]
    rows = np.arange(period) * (height // period)
    columns = np.arange(period) * (width // period)

    def at(row, column):
        found = power[:, (rows + row) % height][
            :, :, (columns + column) % width
        ]
        return found.reshape(len(power), -1)

    reach = range(-_RING[1], _RING[1] + 1)
    around = [
        at(i, j)
        for i in reach
        for j in reach
        if max(abs(i), abs(j)) >= _RING[0]
    ]
    return at(0, 0) / np.median(around, axis=0)
