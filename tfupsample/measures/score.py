"""The measures of pictures together: of one, of a set, of two sets."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tfupsample.arguments import finite_array
from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)
from tfupsample.measures.pattern import pattern_strength, significance
from tfupsample.measures.spectrum import spectral_distance

_PICTURE = ("height", "width", "channels")

PERIODS = (2, 3, 4, 5, 6, 8, 16)
"""Periods of the upsamplings in use, alone and after one another, in pixels."""

SMALLEST = 8
"""Periods a side that a picture must have for its pattern to be measured."""


def score_picture(
    pixels: ArrayLike, periods: Sequence[int] | None = None
) -> dict:
    """Scores one picture.

    Args:
        pixels: `(height, width, channels)`, any unit.
        periods: Periods in pixels; those of `PERIODS` that fit by default.

    Returns:
        `{"strength_db": {period: strength}, "period": most significant,
        "significance": of that period}`, see `tfupsample.measures.pattern`.

    Raises:
        ValueError: if the picture has less than `SMALLEST` periods a side.
    """
    pixels = finite_array("pixels", pixels, _PICTURE)
    most = min(pixels.shape[:2]) // SMALLEST
    periods = periods or [p for p in PERIODS if p <= most] or PERIODS[:1]
    strengths = {
        p: float(pattern_strength(pixels[None], p)[0]) for p in periods
    }
    return {"strength_db": strengths, **_strongest(strengths)}


def score_set(scores: Sequence[dict], pictures: Sequence[ArrayLike]) -> dict:
    """Scores a set of pictures, at the periods that were measured in each.

    Args:
        scores: Of `score_picture`, for each picture.
        pictures: `(height, width, channels)` each; cut to the smallest.

    Returns:
        `{"period": ..., "significance": ..., "measures": {period: {name:
        value}}}`: the period where the mean strength is most significant, and
        for each period the mean strength, mean and worst prominence in dB,
        coherent score and variance ratio.

    Raises:
        ValueError: as the measures.
    """
    images = common_corner(pictures)
    common = set.intersection(*(set(s["strength_db"]) for s in scores))
    strengths = {
        period: float(np.mean([s["strength_db"][period] for s in scores]))
        for period in sorted(common)
    }
    measures = {
        period: {"strength_db": strength, **_measures(images, period)}
        for period, strength in strengths.items()
    }
    return {**_strongest(strengths), "measures": measures}


def compare(
    scores: dict,
    others: dict,
    pictures: Sequence[ArrayLike],
    other_pictures: Sequence[ArrayLike],
) -> dict:
    """Compares two sets of pictures.

    Args:
        scores: Of `score_set`.
        others: The same of the other set.
        pictures: `(height, width, channels)` each.
        other_pictures: The same of the other set.

    Returns:
        `{"difference": {period: {name: value}}, "spectral_distance_db": ...}`:
        the first set's strength and prominence less the other's, in dB, and
        the distance of their spectra.
    """
    ours, theirs = scores["measures"], others["measures"]
    images = common_corner([*pictures, *other_pictures])
    count = len(pictures)
    return {
        "difference": {
            period: {
                name: ours[period][name] - theirs[period][name]
                for name in ("strength_db", "prominence_db")
            }
            for period in ours
            if period in theirs
        },
        "spectral_distance_db": spectral_distance(
            images[:count], images[count:]
        ),
    }


def common_corner(pictures: Sequence[ArrayLike]) -> np.ndarray:
    """Returns pictures cut to the smallest, as one array.

    From the upper left, where patterns start: their phases stay together.

    Args:
        pictures: `(height, width, channels)` each.

    Raises:
        ValueError: if there are none, or of several numbers of channels.
    """
    arrays = [np.asarray(picture) for picture in pictures]
    shapes = {array.shape[2:] for array in arrays}
    if {array.ndim for array in arrays} != {3} or len(shapes) > 1:
        raise ValueError(
            "`pictures` must be arrays (height, width, channels) of the same "
            f"channels. Received: {[array.shape for array in arrays]}"
        )
    height, width = np.min([array.shape[:2] for array in arrays], axis=0)
    return np.stack([array[:height, :width] for array in arrays])


def _measures(images, period):
    prominence = peak_prominence(images, period)
    return {
        "prominence_db": prominence.mean,
        "worst_prominence_db": prominence.worst,
        "coherent": coherent_score(images, period),
        "variance_ratio": variance_ratio(images, period),
    }


def _strongest(strengths):
    sigmas = {p: significance(s, p) for p, s in strengths.items()}
    period = max(sigmas, key=sigmas.get)
    return {"period": period, "significance": float(sigmas[period])}
