"""Each measure on what is known: noise, photographs, planted artifacts."""

import io

import keras
import numpy as np
import pytest
from photographs import checkerboard, crops, one_pixel, to_8_bit
from PIL import Image
from sklearn.metrics import roc_auc_score

from tfupsample import PaddedConv2D
from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)
from tfupsample.measures.border import border_deviation, border_error
from tfupsample.measures.pattern import pattern_strength, significance
from tfupsample.measures.score import score_image
from tfupsample.measures.score_results import PERIODS, SMALLEST
from tfupsample.measures.spectrum import radial_spectrum, spectral_distance

HALF_PERCENT = 0.005 * 255  # from dark to light 1 % of full scale


@pytest.fixture(scope="module")
def photos():
    """400 crops of 64 pixels, 8 bits."""
    return to_8_bit(crops(np.random.default_rng(0), 400, 64))


@pytest.fixture(scope="module")
def more_photos():
    return crops(np.random.default_rng(1), 200, 64)


@pytest.mark.parametrize("period", [2, 4, 8])
def test_photographs_carry_no_pattern(photos, period):
    assert abs(peak_prominence(photos, period).mean) < 1.5
    assert coherent_score(photos, period) < 0.02
    assert variance_ratio(photos, period) < 1.3
    strengths = pattern_strength(photos, period)
    assert abs(strengths.mean()) < 0.3
    assert abs(significance(strengths, period).std() - 1) < 0.5


@pytest.mark.parametrize("period", [2, 4, 8])
@pytest.mark.parametrize("pattern", [checkerboard, one_pixel])
def test_planted_patterns_show_in_photographs(more_photos, period, pattern):
    """With a standard deviation of 2 % of full scale."""
    tile = pattern(period, 64)
    added = 0.02 * 255 * tile / tile.std()
    planted = more_photos + added
    before = peak_prominence(more_photos, period)
    assert peak_prominence(planted, period).worst > before.worst + 6
    rise = pattern_strength(planted, period) - pattern_strength(
        more_photos, period
    )
    assert significance(rise.mean(), period) > 3
    expected = added.std() / more_photos.std()
    coherent = coherent_score(planted, period)
    assert coherent > max(0.5 * expected, 1.5 * coherent_score(more_photos, 2))


@pytest.mark.parametrize("period", PERIODS)
def test_strength_of_white_noise_is_zero(rng, period):
    size = max(64, SMALLEST * period)
    strengths = pattern_strength(rng.normal(size=(60, size, size, 1)), period)
    sigmas = significance(strengths, period)
    assert abs(strengths.mean()) < 0.6
    assert 0.7 < sigmas.std() < 1.4


def test_strength_depends_on_no_unit_and_no_offset(photos):
    first = pattern_strength(photos[:5], 4)
    again = pattern_strength(photos[:5] / 127.5 - 1, 4)
    np.testing.assert_allclose(first, again, atol=1e-6)
    assert pattern_strength(np.ones((1, 64, 64, 3)), 4) == pytest.approx(-0.3)


def test_strength_sees_patterns_whose_sign_follows_the_content(more_photos):
    signs = np.where(np.arange(200) % 2, 1, -1)[:, None, None, None]
    planted = more_photos + HALF_PERCENT * signs * checkerboard(2, 64)
    assert coherent_score(planted, 2) < 0.02
    assert significance(pattern_strength(planted, 2), 2).mean() > 2


def test_blocks_of_jpeg_are_no_pattern():
    """What is constant over a block has no power at the harmonics of 8."""
    photos = to_8_bit(crops(np.random.default_rng(2), 40, 64))
    for quality in (30, 75):
        blocks = np.array([jpeg(photo, quality) for photo in photos])
        rise = pattern_strength(blocks, 8) - pattern_strength(photos, 8)
        assert -1 < significance(rise.mean(), 8) < 1


def jpeg(pixels, quality):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


@pytest.mark.parametrize(
    "period, size, pattern",
    [
        (2, 64, checkerboard),
        (2, 64, one_pixel),
        (4, 128, checkerboard),
    ],
)
def test_single_files_with_one_percent_are_told_apart(period, size, pattern):
    """Area under ROC of 100 files with and 100 without, ±0.5 % planted."""
    rng = np.random.default_rng(3)
    clean, other = crops(rng, 100, size), crops(rng, 100, size)
    planted = other + HALF_PERCENT * pattern(period, size)
    strengths = [
        pattern_strength(to_8_bit(images), period)
        for images in (clean, planted)
    ]
    labels = np.repeat([0, 1], 100)
    assert roc_auc_score(labels, np.concatenate(strengths)) >= 0.99
    nothing = pattern_strength(to_8_bit(other), period)
    chance = roc_auc_score(labels, np.concatenate([strengths[0], nothing]))
    assert 0.35 < chance < 0.65


def test_files_are_told_apart_without_knowing_the_period():
    rng = np.random.default_rng(4)
    clean, other = crops(rng, 100, 64), crops(rng, 100, 64)
    planted = other + HALF_PERCENT * checkerboard(2, 64)
    scores = [
        [score_image(picture) for picture in to_8_bit(images)]
        for images in (clean, planted)
    ]
    sigmas = [s.significance for group in scores for s in group]
    assert roc_auc_score(np.repeat([0, 1], 100), sigmas) >= 0.97
    found = [s.period for s in scores[1]]
    assert np.mean(np.equal(found, 2)) > 0.8


def test_prominence_of_single_files_does_not_reach_it():
    """Why `pattern_strength` exists: one bin may be near zero by chance."""
    rng = np.random.default_rng(3)
    clean, other = crops(rng, 100, 64), crops(rng, 100, 64)
    planted = other + HALF_PERCENT * checkerboard(2, 64)
    values = [
        peak_prominence(image[None], 2).mean
        for images in (clean, planted)
        for image in to_8_bit(images)
    ]
    assert roc_auc_score(np.repeat([0, 1], 100), values) < 0.97


def test_spectra_of_photographs_fall_and_a_pattern_raises_nyquist(
    photos, more_photos
):
    power = radial_spectrum(photos).power
    assert (np.diff(power[:12]) < 0).all()
    assert power[0] - power[-1] > 15
    same = spectral_distance(photos, to_8_bit(more_photos))
    planted = more_photos + 0.04 * 255 * checkerboard(2, 64)
    assert same < 1.5
    # 32 rings, of which one rises.
    assert spectral_distance(more_photos, planted) > 1
    blurred = (more_photos + np.roll(more_photos, 1, axis=1)) / 2
    assert spectral_distance(more_photos, blurred) > 2


def test_border_of_photographs_is_that_of_their_interior(photos):
    clean = border_deviation(photos)
    assert max(clean.mean.max(), clean.spread.max()) < 0.1
    framed = photos.astype(float)
    framed[:, :2] += 0.5 * photos.std()
    deviation = border_deviation(framed)
    assert deviation.mean[:2].min() > clean.mean[:2].max() + 0.05
    np.testing.assert_allclose(deviation.mean[2:], clean.mean[2:], atol=0.02)


def test_padding_of_a_blur_shows_in_a_photograph():
    photo = crops(np.random.default_rng(5), 1, 128)[0] / 255
    psnr = {}
    for pad_mode in ("constant", "symmetric"):
        blur = PaddedConv2D(1, 9, pad_mode=pad_mode, use_bias=False)
        blur.build((None, None, None, 3))
        blur.kernel.assign(keras.ops.ones_like(blur.kernel) / 243)
        error = border_error(blur, photo, 64)
        assert (error.psnr[4:] > 100).all()
        psnr[pad_mode] = error.psnr[0]
        assert error.width <= 4
    assert psnr["symmetric"] > psnr["constant"] + 6
