"""How clearly images carry a pattern: each by itself, and all together."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from tfupsample.arguments import finite_array, period_list
from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)
from tfupsample.measures.pattern import pattern_strength, significance
from tfupsample.measures.score_results import (
    PERIODS,
    SMALLEST,
    Comparison,
    Difference,
    ImageScore,
    ImageScores,
    PeriodScore,
    SetScore,
)
from tfupsample.measures.spectrum import spectral_distance

_IMAGE = ("height", "width", "channels")
_CORNER = 256  # pixels a side of each image kept for the measures of the set


def score_images(
    images: Iterable[ArrayLike],
    periods: Sequence[int] | None = None,
    against: Iterable[ArrayLike] | None = None,
) -> ImageScores:
    """Measures how clearly images carry a pattern of upsampling.

    Images are taken one at a time, so `images` may be a generator that reads
    files. The measures of a whole set see the upper left corner of each image,
    at most 256 pixels a side and no larger than the smallest image: patterns
    start there, so their phases stay together.

    Args:
        images: A batch `(batch, height, width, channels)`, or images `(height,
            width, channels)` of several sizes; any unit, the same for all.
        periods: Periods to look for, in pixels; those of `PERIODS` that fit
            into an image by default.
        against: Other images, usually real ones, to compare with.

    Returns:
        An `ImageScores`.

    Raises:
        ValueError: if there are no images, if they differ in channels, or if
            one measures less than `SMALLEST` periods a side.
    """
    periods = _checked(periods)
    scores, corners = _score_each("images", images, periods)
    pooled = _score_set(scores, corners)
    if against is None:
        return ImageScores(scores, pooled)
    others, other_corners = _score_each("against", against, periods)
    other = _score_set(others, other_corners)
    return ImageScores(
        scores, pooled, _compare(pooled, other, corners, other_corners)
    )


def score_image(
    image: ArrayLike, periods: Sequence[int] | None = None
) -> ImageScore:
    """Measures how clearly one image carries a pattern.

    Args:
        image: `(height, width, channels)`, any unit.
        periods: As for `score_images`.

    Raises:
        ValueError: if the image measures less than `SMALLEST` periods a side.
    """
    return _score_image("image", image, _checked(periods))


def common_corner(images: Sequence[ArrayLike]) -> np.ndarray:
    """Returns images cut to the smallest, as one array.

    From the upper left, where patterns start: their phases stay together.

    Args:
        images: `(height, width, channels)` each.

    Raises:
        ValueError: if there are none, or they differ in channels.
    """
    arrays = [np.asarray(image) for image in images]
    shapes = {array.shape[2:] for array in arrays}
    if {array.ndim for array in arrays} != {3} or len(shapes) > 1:
        raise ValueError(
            "`images` must be arrays (height, width, channels) with the same "
            f"channels. Received: {[array.shape for array in arrays]}"
        )
    height, width = np.min([array.shape[:2] for array in arrays], axis=0)
    return np.stack([array[:height, :width] for array in arrays])


def _score_each(name, images, periods):
    """The score of each image, and its corner as float32."""
    scores, corners = [], []
    try:
        iterator = iter(images)
    except TypeError:
        iterator = iter(())
    for image in iterator:
        scores.append(_score_image(name, image, periods))
        corners.append(np.array(image, "float32")[:_CORNER, :_CORNER].copy())
    if not scores:
        raise ValueError(
            f"`{name}` must be images (height, width, channels), at least "
            f"one. Received: {images!r}"
        )
    return tuple(scores), corners


def _score_image(name, image, periods):
    pixels = finite_array(name, image, _IMAGE)
    height, width = pixels.shape[:2]
    if periods is None:
        most = min(height, width) // SMALLEST
        periods = [p for p in PERIODS if p <= most] or PERIODS[:1]
    strengths = {
        p: float(pattern_strength(pixels[None], p)[0]) for p in periods
    }
    return ImageScore(height, width, strengths, *_strongest(strengths))


def _checked(periods):
    """A list of periods, or `None` for those that fit."""
    return None if periods is None else period_list("periods", periods)


def _score_set(scores, corners):
    """The `SetScore`, at the periods that were measured in every image."""
    images = common_corner(corners)
    common = set.intersection(*(set(score.strength_db) for score in scores))
    strengths = {
        period: float(np.mean([s.strength_db[period] for s in scores]))
        for period in sorted(common)
    }
    measures = {
        period: _score_period(images, period, strength)
        for period, strength in strengths.items()
    }
    return SetScore(len(scores), *_strongest(strengths), measures)


def _score_period(images, period, strength):
    prominence = peak_prominence(images, period)
    return PeriodScore(
        strength_db=strength,
        prominence_db=prominence.mean,
        worst_prominence_db=prominence.worst,
        coherent=coherent_score(images, period),
        variance_ratio=variance_ratio(images, period),
    )


def _compare(pooled, other, corners, other_corners):
    """The `Comparison` of two sets, at the periods measured in both."""
    images = common_corner([*corners, *other_corners])
    difference = {
        period: Difference(
            score.strength_db - other.measures[period].strength_db,
            score.prominence_db - other.measures[period].prominence_db,
        )
        for period, score in pooled.measures.items()
        if period in other.measures
    }
    distance = spectral_distance(images[: len(corners)], images[len(corners) :])
    return Comparison(other, difference, distance)


def _strongest(strengths):
    """The period of the most significant strength, and its significance."""
    sigmas = {p: float(significance(s, p)) for p, s in strengths.items()}
    period = max(sigmas, key=lambda p: sigmas[p])
    return period, sigmas[period]
