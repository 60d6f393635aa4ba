import math

import numpy as np
import pytest
from photographs import checkerboard, crops
from scipy.stats import wasserstein_distance

from tfupsample.measures.sliced_wasserstein import (
    laplacian_pyramid,
    projected_distance,
    sliced_wasserstein_distance,
)


@pytest.fixture(scope="module")
def photos():
    """Two draws of 128 crops of 64 pixels."""
    return [crops(np.random.default_rng(s), 128, 64) for s in (0, 1)]


def test_equal_sets_have_no_distance(photos):
    distances = sliced_wasserstein_distance(photos[0], photos[0])
    assert distances == {64: 0, 32: 0, 16: 0}


def test_one_dimension_is_the_earth_movers_distance(rng):
    points, others = rng.normal(size=(200, 1)), rng.gumbel(size=(200, 1))
    expected = wasserstein_distance(points[:, 0], others[:, 0])
    assert projected_distance(points, others, 3) == pytest.approx(expected)


@pytest.mark.parametrize("dimensions", [2, 5, 20])
def test_a_shift_moves_by_its_mean_projection(rng, dimensions):
    """On a random unit vector, in closed form."""
    points = rng.normal(size=(50, dimensions))
    shift = rng.normal(size=dimensions)
    mean_cosine = math.gamma(dimensions / 2) / (
        math.sqrt(math.pi) * math.gamma((dimensions + 1) / 2)
    )
    assert projected_distance(points, points + shift, 20_000) == pytest.approx(
        np.linalg.norm(shift) * mean_cosine, rel=0.02
    )


def test_scaled_gaussians_differ_by_their_deviations(rng):
    """In one dimension |a - b| E|z|, on every direction alike."""
    points, others = rng.normal(size=(2, 40_000, 3)) * [[[1.0]], [[3.0]]]
    expected = 2 * math.sqrt(2 / math.pi)
    assert projected_distance(points, others, 64) == pytest.approx(
        expected, rel=0.02
    )


def test_the_levels_sum_to_the_image(rng):
    images = rng.normal(size=(2, 70, 64, 1)).astype("float32")
    levels = laplacian_pyramid(images)
    assert [level.shape[1:3] for level in levels] == [
        (70, 64),
        (35, 32),
        (18, 16),
    ]
    whole = levels[-1]
    for level in reversed(levels[:-1]):
        zeros = np.zeros_like(level)
        zeros[:, ::2, ::2] = whole
        padded = np.pad(zeros, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect")
        taps = np.array([1, 4, 6, 4, 1]) / 8
        height, width = level.shape[1:3]
        whole = level + sum(
            taps[i] * taps[j] * padded[:, i : i + height, j : j + width]
            for i in range(5)
            for j in range(5)
        )
    np.testing.assert_allclose(whole, images, atol=1e-5)


def test_a_flat_image_has_details_on_no_level():
    *details, last = laplacian_pyramid(np.full((1, 64, 64, 1), 3.0, "float32"))
    for level in details:
        np.testing.assert_allclose(level, 0, atol=1e-6)
    np.testing.assert_allclose(last, 3)


def test_a_checkerboard_shows_at_the_finest_level_alone(photos):
    by_chance = sliced_wasserstein_distance(*photos)
    board = 0.05 * 255 * checkerboard(2, 64)
    planted = sliced_wasserstein_distance(photos[0], photos[1] + board)
    assert planted[64] > 10 * by_chance[64]
    assert planted[32] < 1.5 * by_chance[32]
    assert planted[16] < 1.5 * by_chance[16]


def test_patches_come_from_the_whole_image(rng):
    images, others, damaged = rng.normal(size=(3, 64, 32, 32, 1))
    damaged[:, 20:, 20:] *= 3
    by_chance = sliced_wasserstein_distance(images, others)
    assert sliced_wasserstein_distance(images, damaged)[32] > 3 * by_chance[32]


def test_seeds_decide_places_and_directions(photos):
    values = [
        sliced_wasserstein_distance(*photos, projections=16, seed=seed)
        for seed in (0, 0, 1)
    ]
    assert values[0] == values[1] != values[2]


def test_unusable_shapes_are_named(rng):
    with pytest.raises(ValueError, match="same shape"):
        sliced_wasserstein_distance(
            np.zeros((2, 16, 16, 1)), np.zeros((3, 16, 16, 1))
        )
    with pytest.raises(ValueError, match="at least 7"):
        sliced_wasserstein_distance(*np.zeros((2, 2, 6, 16, 1)))
    with pytest.raises(ValueError, match="same shape"):
        projected_distance(np.zeros((2, 3)), np.zeros((2, 4)))
