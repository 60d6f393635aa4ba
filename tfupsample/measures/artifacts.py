"""How strongly images carry a pattern of a given period.

A layer of stride `s` followed by upsampling of total factor `t` writes patterns
of period `s * t`. Every measure here ignores a margin at the border, crops the
sides to a multiple of the period, and subtracts each image's own mean.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tfupsample.arguments import finite_array, integer


class Prominence(NamedTuple):
    """Peak prominence over the harmonics of one period, in dB.

    Attributes:
        mean: Mean over the harmonics.
        worst: The largest of them.
    """

    mean: float
    worst: float


def coherent_score(
    images: ArrayLike, period: int, margin: int | None = None
) -> float:
    """Measures a pattern that is the same in every image.

    For each channel, the score averages each of the `period**2` phases over all
    images and divides the standard deviation of these means by that of the
    images. Patterns whose sign follows the content cancel; `peak_prominence`
    sees those.

    Args:
        images: `(batch, height, width, channels)`, any unit.
        period: Period of the pattern in pixels, at least 2.
        margin: Number of pixels ignored on each side; an eighth of the shorter
            side by default.

    Returns:
        A float from 0 (no pattern) to 1, the mean over the channels. White
        noise of `n` pixels per channel scores `sqrt((period**2 - 1) / n)` on
        average.

    Raises:
        ValueError: if the images without the margin are smaller than a period.
    """
    phases = _phases(_inside(images, period, margin), period)
    pattern = phases.mean(axis=0).std(axis=(0, 1))
    spread = phases.std(axis=(0, 1, 2))
    return float(np.mean(pattern / np.maximum(spread, np.finfo(float).tiny)))


def variance_ratio(
    images: ArrayLike, period: int, margin: int | None = None
) -> float:
    """Measures uneven overlap: phases that differ in variance.

    Args:
        images: `(batch, height, width, channels)`, any unit.
        period: Period of the pattern in pixels, at least 2.
        margin: As for `coherent_score`.

    Returns:
        The largest variance of a phase, over all images and channels, divided
        by the smallest: a float of at least 1, which means all are equal.

    Raises:
        ValueError: if the images without the margin are smaller than a period.
    """
    phases = _phases(_inside(images, period, margin), period)
    variances = phases.var(axis=0).mean(axis=-1)
    return float(variances.max() / max(variances.min(), np.finfo(float).tiny))


def peak_prominence(
    images: ArrayLike, period: int, margin: int | None = None
) -> Prominence:
    """Measures by how much the harmonics of a period stand out.

    The power spectrum of the grey images (mean over channels) under a Hann
    window is averaged over the images. Each harmonic `(a, b) / period` is then
    compared with the median of the bins at Chebyshev distance 3 and 4 from it.
    Comparing a peak with its neighbours does not punish sharp images, and a
    pattern counts whatever its sign in each image.

    Args:
        images: `(batch, height, width, channels)`, any unit.
        period: Period of the pattern in pixels, at least 2.
        margin: As for `coherent_score`.

    Returns:
        A `Prominence`: the mean and the largest of the `period**2 - 1`
        harmonics, in dB; about 0 for white noise and natural images.

    Raises:
        ValueError: if the images without the margin are smaller than a period.
    """
    grey = _inside(images, period, margin).mean(axis=-1)
    height, width = grey.shape[1:]
    window = np.outer(np.hanning(height + 1)[:-1], np.hanning(width + 1)[:-1])
    power = np.mean(np.abs(np.fft.fft2(grey * window)) ** 2, axis=0)
    power = np.maximum(power, np.finfo(float).tiny)
    ratios = [
        power[row, column] / np.median(_neighbours(power, row, column))
        for row in range(0, height, height // period)
        for column in range(0, width, width // period)
        if row or column
    ]
    decibels = 10 * np.log10(ratios)
    return Prominence(float(decibels.mean()), float(decibels.max()))


def _neighbours(power, row, column):
    """The bins at Chebyshev distance 3 and 4; the Hann lobe is 2 wide."""
    offsets = np.arange(-4, 5)
    distance = np.maximum(np.abs(offsets)[:, None], np.abs(offsets))
    square = power[
        np.ix_(
            (row + offsets) % power.shape[0],
            (column + offsets) % power.shape[1],
        )
    ]
    return square[distance >= 3]


def _inside(images, period, margin):
    """Images without margin, cropped to the period, each of mean 0."""
    images = finite_array("images", images)
    period = integer("period", period, 2)
    sides = images.shape[1:3]
    if margin is None:
        margin = min(sides) // 8
    margin = integer("margin", margin, 0)
    height, width = ((n - 2 * margin) // period * period for n in sides)
    if min(height, width) < 1:
        raise ValueError(
            f"`images` must measure at least {period + 2 * margin} pixels a "
            f"side for period={period} and margin={margin}. "
            f"Received: {images.shape}"
        )
    images = images[:, margin : margin + height, margin : margin + width]
    return images - images.mean(axis=(1, 2), keepdims=True)


def _phases(images, period):
    """`(pixels, period, period, channels)`: each phase's pixels together."""
    batch, height, width, channels = images.shape
    cells = images.reshape(
        batch, height // period, period, width // period, period, channels
    )
    return cells.transpose(0, 1, 3, 2, 4, 5).reshape(
        -1, period, period, channels
    )
