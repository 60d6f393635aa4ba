"""The distance of two sets of feature vectors under a kernel (KID)."""

import numpy as np
from numpy.typing import ArrayLike

from tfupsample.arguments import finite_array


def kernel_distance(features: ArrayLike, others: ArrayLike) -> float:
    """Returns the kernel distance (KID) of two sets of features.

    This is the unbiased estimate of the squared maximum mean discrepancy with
    the kernel `(x·y / dimensions + 1)³`, which compares means, covariances and
    third moments (Bińkowski et al., 2018, arXiv 1801.01401). It uses all pairs,
    so no subsets need to be drawn. The value depends on the features: name the
    network they come from.

    Args:
        features: `(n, dimensions)`, at least two.
        others: `(m, dimensions)`, at least two.

    Returns:
        A float; close to 0, and by chance on either side of it, for two samples
        of one distribution.

    Raises:
        ValueError: for another shape.
    """
    first, second = check_features(features, others)
    return float(
        _mean_of_pairs(first)
        + _mean_of_pairs(second)
        - 2 * _kernel(first, second).mean()
    )


def check_features(
    features: ArrayLike, others: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Returns two sets of features as float64, or raises `ValueError`."""
    axes = ("n", "dimensions")
    first = finite_array("features", features, axes)
    second = finite_array("others", others, axes)
    if first.shape[1:] != second.shape[1:] or min(len(first), len(second)) < 2:
        raise ValueError(
            "`features` and `others` must have the shapes (n, dimensions) and "
            f"(m, dimensions), n and m at least 2. Received: {first.shape} and "
            f"{second.shape}"
        )
    return first, second


def _kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def _mean_of_pairs(x):
    """Mean over pairs of different points; a point with itself is a bias."""
    kernel = _kernel(x, x)
    return (kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))
