"""The patterns of several periods in one set of images."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from tfupsample.measures.artifacts import coherent_score, peak_prominence


def measure_periods(
    images: np.ndarray, periods: Iterable[int]
) -> dict[int, dict[str, Any]]:
    """Measures the patterns of several periods.

    Args:
        images: `(batch, height, width, channels)`, any unit.
        periods: Periods in pixels; those that do not fit twice into the images
            are left out.

    Returns:
        `{period: {"coherent", "prominence_db", "worst_db"}}`, in ascending
        order; the two in dB are `None` where the images are too small for them.
    """
    side = min(images.shape[1:3])
    return {p: _row(images, p) for p in sorted(set(periods)) if 2 * p < side}


def _row(images, period):
    row = {"coherent": coherent_score(images, period)}
    prominence = None
    if period <= _longest_period(images):
        prominence = peak_prominence(images, period)
    row["prominence_db"] = prominence and prominence.mean
    row["worst_db"] = prominence and prominence.worst
    return row


def _longest_period(images):
    """Returns the longest period whose harmonics are at least 6 bins apart."""
    side = min(images.shape[1:3])
    return (side - 2 * (side // 8)) // 6
