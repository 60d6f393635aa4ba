"""The measures on images whose answer is known."""

import numpy as np
import pytest

from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)

PERIODS = [2, 4, 8]


def pattern(period, size=64):
    """One pixel in each cell, mean 0, standard deviation 1."""
    cell = np.zeros((period, period))
    cell[0, 0] = 1
    cell = (cell - cell.mean()) / cell.std()
    repeats = -(-size // period)
    return np.tile(cell, (repeats, repeats))[:size, :size, None]


@pytest.fixture
def noise(rng):
    return rng.normal(size=(200, 64, 64, 3))


@pytest.mark.parametrize("period", PERIODS)
def test_white_noise_scores_what_chance_gives(noise, period):
    pixels = 200 * 48 * 48
    chance = np.sqrt((period**2 - 1) / pixels)
    assert coherent_score(noise, period) == pytest.approx(chance, rel=0.5)
    assert variance_ratio(noise, period) < 1.05
    mean, worst = peak_prominence(noise, period)
    assert abs(mean) < 0.7
    assert worst < 3


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("amplitude", [0.05, 0.2, 1.0])
def test_planted_pattern_scores_its_share(noise, period, amplitude):
    """Standard deviations add in squares."""
    images = noise + amplitude * pattern(period)
    expected = amplitude / np.hypot(1, amplitude)
    assert coherent_score(images, period) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("period", PERIODS)
def test_prominence_of_a_planted_pattern_follows_its_power(noise, period):
    """A harmonic of power share p stands p * (sum w)^2 / sum w^2 over noise."""
    amplitude, side = 0.3, 48
    images = noise + amplitude * pattern(period)
    window = np.hanning(side + 1)[:-1]
    gain = (window.sum() ** 2 / (window**2).sum()) ** 2
    grey = 1 / 3  # variance of the mean of three channels
    share = amplitude**2 / (period**2 - 1)
    expected = 10 * np.log10(1 + share * gain / grey)
    mean, _ = peak_prominence(images, period)
    assert mean == pytest.approx(expected, abs=0.7)


def test_changing_sign_hides_from_one_score_only(noise):
    signs = np.where(np.arange(200) % 2, 1, -1)[:, None, None, None]
    images = noise + 0.3 * signs * pattern(4)
    assert coherent_score(images, 4) < 0.02
    assert peak_prominence(images, 4).mean > 5


@pytest.mark.parametrize("period", PERIODS)
def test_variance_ratio_sees_uneven_overlap(noise, period):
    loud = np.ones((64, 64, 1))
    loud[::period, ::period] = 2
    assert variance_ratio(noise * loud, period) == pytest.approx(4, rel=0.1)
    assert coherent_score(noise * loud, period) < 0.03


@pytest.mark.parametrize("measure", [coherent_score, variance_ratio])
def test_scores_do_not_depend_on_unit_or_offset(noise, measure):
    images = noise + 0.2 * pattern(2)
    offset = np.arange(200)[:, None, None, None]
    np.testing.assert_allclose(
        measure(images, 2), measure(7 * images + offset, 2), rtol=1e-6
    )


def test_the_margin_is_left_out(noise):
    images = noise.copy()
    images[:, :8] += 100 * pattern(4)[:8]
    assert coherent_score(images, 4) == pytest.approx(
        coherent_score(noise, 4), rel=1e-6
    )
    assert coherent_score(images, 4, margin=4) > 0.1


def test_unusable_images_are_named(noise):
    with pytest.raises(ValueError, match="must have the shape"):
        coherent_score(noise[0], 2)
    with pytest.raises(ValueError, match="at least 10 pixels a side"):
        peak_prominence(noise[:, :8, :8], 8)
    with pytest.raises(ValueError, match="no axis empty"):
        variance_ratio(noise[:0], 2)
    with pytest.raises(ValueError, match="`period` must be an integer of"):
        coherent_score(noise, 1)
