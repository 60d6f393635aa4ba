"""The distance of two sets of feature vectors, taken as Gaussians (FID)."""

import numpy as np
from numpy.typing import ArrayLike

from tfupsample.measures.kernel_distance import check_features


def frechet_distance(features: ArrayLike, others: ArrayLike) -> float:
    """Returns the Fréchet distance of two sets of features.

    This is the squared 2-Wasserstein distance of two Gaussians with the means
    and covariances of the sets (Dowson and Landau, 1982; Heusel et al., 2017,
    arXiv 1706.08500, who call it FID on the features of Inception). It is
    biased upwards for few images: compare only sets of equal size, preferably
    several times as many images as dimensions, or use `kernel_distance`.

    Args:
        features: `(n, dimensions)`, at least two.
        others: `(m, dimensions)`, at least two.

    Returns:
        A float of at least 0, in squared units of the features; 0 if means and
        covariances are the same.

    Raises:
        ValueError: for another shape.
    """
    first, second = check_features(features, others)
    shift = first.mean(axis=0) - second.mean(axis=0)
    one, two = (np.atleast_2d(np.cov(x.T)) for x in (first, second))
    root = _square_root(one)
    # A symmetric matrix with the eigenvalues of one @ two.
    shared = np.linalg.eigvalsh(root @ two @ root)
    trace = np.trace(one) + np.trace(two)
    trace -= 2 * np.sqrt(np.maximum(shared, 0)).sum()
    return float(max(shift @ shift + trace, 0.0))


def _square_root(covariance):
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
