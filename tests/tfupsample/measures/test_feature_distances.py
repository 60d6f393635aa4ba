"""The kernel distance and the Fréchet distance, against closed forms."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from tfupsample.measures.frechet_distance import frechet_distance
from tfupsample.measures.kernel_distance import kernel_distance

BOTH = pytest.mark.parametrize("distance", [kernel_distance, frechet_distance])


def test_kernel_distance_follows_its_definition(rng):
    x, y = rng.normal(size=(5, 3)), rng.gumbel(size=(4, 3))

    def kernel(a, b):
        return (sum(a * b) / 3 + 1) ** 3

    def mean(pairs):
        return np.mean([kernel(a, b) for a, b in pairs])

    expected = (
        mean([(x[i], x[j]) for i in range(5) for j in range(5) if i != j])
        + mean([(y[i], y[j]) for i in range(4) for j in range(4) if i != j])
        - 2 * mean([(a, b) for a in x for b in y])
    )
    assert kernel_distance(x, y) == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_kernel_distance_estimates_the_moments_without_bias(rng, shift):
    """Of few draws of two normals; `(xy + 1)³` in powers of `xy`."""
    draws = [
        kernel_distance(
            rng.normal(size=(6, 1)), rng.normal(loc=shift, size=(5, 1))
        )
        for _ in range(20_000)
    ]
    first = np.array([0, 1, 0])
    second = np.array([shift, shift**2 + 1, shift**3 + 3 * shift])
    expected = np.sum([3, 3, 1] * (second - first) ** 2)
    error = np.std(draws) / np.sqrt(len(draws))
    assert np.mean(draws) == pytest.approx(expected, abs=4 * error)
    assert error < 0.1 * max(expected, 1)


def test_frechet_distance_of_a_shift_is_its_square(rng):
    x, shift = rng.normal(size=(30, 4)), np.array([1, 2, 0, -3])
    assert frechet_distance(x, x + shift) == pytest.approx(14)


def test_frechet_distance_of_a_scale_is_that_of_the_deviations(rng):
    x = rng.normal(size=(30, 4))
    x -= x.mean(0)
    expected = 4 * np.trace(np.cov(x.T))
    assert frechet_distance(x, 3 * x) == pytest.approx(expected)


def test_frechet_distance_follows_its_definition(rng):
    x = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 3))
    y = rng.gumbel(size=(50, 3)) @ rng.normal(size=(3, 3))
    one, two = np.cov(x.T), np.cov(y.T)
    expected = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(
        one + two - 2 * sqrtm(one @ two).real
    )
    assert frechet_distance(x, y) == pytest.approx(expected)


@BOTH
def test_rotating_both_sets_changes_nothing(rng, distance):
    x, y = rng.normal(size=(30, 4)), rng.gumbel(size=(40, 4))
    rotation = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    rotated = distance(x @ rotation, y @ rotation)
    assert rotated == pytest.approx(distance(x, y))
    assert distance(x @ rotation, y) != pytest.approx(distance(x, y), rel=0.01)


def test_equal_sets_have_no_frechet_distance(rng):
    x = rng.normal(size=(10, 20))  # fewer points than dimensions
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)


@BOTH
@pytest.mark.parametrize("shape", [(4, 2), (1, 3), (4, 3, 1)])
def test_unusable_features_are_named(distance, shape):
    with pytest.raises(ValueError, match="dimensions"):
        distance(np.zeros((4, 3)), np.zeros(shape))
