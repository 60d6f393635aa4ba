"""Ways through latents, on a generator whose factors are known."""

import keras
import numpy as np
import pytest

from models import latent, stylegan2

DIMENSIONS = 16


@pytest.fixture
def known(rng):
    """A space whose pictures are five factors, orthogonal in the latents."""
    axes = np.linalg.qr(rng.normal(size=(DIMENSIONS, 5)))[0].T
    return axes, latent.Space(
        lambda count, rng: 2 + 3 * rng.normal(size=(count, DIMENSIONS)),
        lambda x: x @ axes.T,
        latent.linear,
    )


def above(space, factor):
    """The verdict: is this factor above its mean?"""
    middle = space.decode(np.full((1, DIMENSIONS), 2.0))[0, factor]
    return lambda latents: space.decode(latents)[:, factor] > middle


def test_direction_of_a_known_factor_is_found(rng, known):
    axes, space = known
    latents = space.sample(4000, rng)
    for factor, axis in enumerate(axes):
        direction = latent.find_direction(
            latents, above(space, factor)(latents)
        )
        cosine = direction @ axis / np.linalg.norm(direction)
        assert cosine > 0.99
        np.testing.assert_allclose(np.linalg.norm(direction), 3, rtol=0.05)


def test_verdicts_follow_and_other_factors_stay(rng, known):
    axes, space = known
    answers = above(space, 1)
    latents = space.sample(4000, rng)
    direction = latent.find_direction(latents, answers(latents))
    paths = latent.traverse(space.sample(500, rng), direction, (-4, 0, 4))
    assert latent.follow_rate(latent.on_paths(answers, paths)) > 0.999
    moved = np.abs(np.diff(latent.on_paths(space.decode, paths), axis=1)).mean(
        axis=(0, 1)
    )
    assert moved[1] > 11.5  # 4 standard deviations of 3
    assert max(moved[[0, 2, 3, 4]]) < 0.1 * moved[1]


def test_a_direction_that_changes_nothing_is_not_followed(rng, known):
    axes, space = known
    beside = np.linalg.svd(axes)[2][-1]  # orthogonal to every factor
    paths = latent.traverse(space.sample(500, rng), beside, (-4, 4))
    assert latent.follow_rate(latent.on_paths(above(space, 0), paths)) == 0


def test_whitened_latents_are_white_and_lead_back(rng):
    latents = 5 + rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6))
    white, spread = latent.whitened(latents)
    np.testing.assert_allclose(np.cov(white.T), np.eye(6), atol=1e-9)
    back = white @ spread + latents.mean(0)
    np.testing.assert_allclose(back, latents, atol=1e-9)


def test_a_direction_goes_where_the_latents_go(rng):
    """What decides is hardly seen in itself, but goes with a large change."""
    shared, own = rng.normal(size=(2, 4000))
    latents = np.stack([10 * shared + own, shared], axis=1)
    direction = latent.find_direction(latents, latents[:, 1] > 0)
    # The pattern: the covariance of the latents with what decides.
    np.testing.assert_allclose(direction, [10, 1], rtol=0.1)


def test_one_verdict_gives_no_direction(rng):
    with pytest.raises(ValueError, match="`verdicts` must not all be the same"):
        latent.find_direction(rng.normal(size=(9, 2)), [True] * 9)


def test_interpolations_begin_and_end_at_their_ends(rng):
    first, last = rng.normal(size=(2, 5, 8))
    for way in (latent.linear, latent.spherical):
        points = way(first, last, (0, 0.3, 1))
        assert points.shape == (5, 3, 8)
        np.testing.assert_allclose(points[:, 0], first, atol=1e-12)
        np.testing.assert_allclose(points[:, 2], last, atol=1e-12)


def test_linear_halfway_is_the_mean(rng):
    first, last = rng.normal(size=(2, 5, 8))
    middle = latent.linear(first, last, [0.5])[:, 0]
    np.testing.assert_allclose(middle, (first + last) / 2)


def test_spherical_keeps_the_norm_and_goes_evenly(rng):
    first, last = rng.normal(size=(2, 5, 8))
    first, last = (
        x / np.linalg.norm(x, axis=1)[:, None] for x in (first, last)
    )
    points = latent.spherical(first, last, np.linspace(0, 1, 9))
    np.testing.assert_allclose(np.linalg.norm(points, axis=-1), 1)
    angles = np.arccos((points[:, 1:] * points[:, :-1]).sum(-1))
    whole = np.arccos((first * last).sum(-1))
    np.testing.assert_allclose(angles, np.tile(whole[:, None] / 8, (1, 8)))
    straight = latent.linear(first, last, [0.5])
    assert np.linalg.norm(straight, axis=-1).max() < 0.99


def test_spherical_of_one_direction_is_the_line():
    first = np.array([[1.0, 0], [1, 0], [0, 0]])
    last = np.array([[3.0, 0], [-3, 0], [3, 0]])
    np.testing.assert_allclose(
        latent.spherical(first, last, [0.5])[:, 0], [[2, 0], [-1, 0], [1.5, 0]]
    )


def test_flips_are_where_verdicts_change():
    found = latent.flips([[0, 0, 1, 1, 1], [1, 0, 0, 1, 1], [1, 1, 1, 1, 1]])
    np.testing.assert_allclose(found["first"], [0.375, 0.125, np.nan])
    assert found["count"].tolist() == [1, 2, 0]
    with pytest.raises(ValueError, match="at least two"):
        latent.flips([[True]])


def test_path_length_of_a_linear_generator_is_that_of_its_steps(rng):
    """Each step is `epsilon` of the way: the squared distance of the ends."""
    matrix = rng.normal(size=(6, 4))
    space = latent.Space(
        lambda count, rng: rng.normal(size=(count, 6)),
        lambda x: x @ matrix,
        latent.linear,
    )
    length = latent.perceptual_path_length(space, lambda y: 2 * y, 4000)
    expected = 4 * 2 * np.square(matrix).sum()  # two independent latents
    np.testing.assert_allclose(length, expected, rtol=0.1)
    still = latent.perceptual_path_length(space, np.zeros_like, 10)
    assert still == 0


@pytest.mark.slow
def test_spaces_of_a_stylegan_make_the_same_images(rng):
    generator = stylegan2.generator(8, 3, 6, 2, 4)
    found = latent.spaces(generator)
    assert found.keys() == {"z", "w"}
    z = found["z"].sample(3, np.random.default_rng(5))
    w = found["w"].sample(3, np.random.default_rng(5))
    np.testing.assert_allclose(
        found["z"].decode(z), found["w"].decode(w), atol=1e-6
    )
    assert np.abs(z - w).max() > 0.1


def test_spaces_of_another_generator_are_z_alone():
    latents = keras.Input((4,))
    generator = keras.Model(latents, keras.layers.Dense(2)(latents))
    assert latent.spaces(generator).keys() == {"z"}
