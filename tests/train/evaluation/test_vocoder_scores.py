"""What generated waves are scored by, on waves whose score is known."""

import numpy as np
import pytest

from train.evaluation.vocoder import (
    spectral_distance_db,
    spectrograms,
    whistle,
)


def test_a_gain_is_its_own_distance(rng):
    real = rng.normal(size=(2, 4096))
    assert spectral_distance_db(real, real) == 0
    assert spectral_distance_db(real, 2 * real) == pytest.approx(6.02, abs=0.1)


def test_whistles_are_found_in_each_wave(rng):
    waves = rng.normal(size=(2, 8192))
    time = np.arange(8192)
    waves[1] += sum(0.3 * np.cos(2 * np.pi * k * time / 64) for k in range(32))
    clean, whistling = whistle(waves, 8000, 64)["each_db"]
    assert abs(clean) < 2
    assert whistling > 5
    assert whistle(waves, 8000, 64)["prominence_db"] > 3


def test_pictures_have_low_frequencies_below():
    wave = np.sin(2 * np.pi * 4 * np.arange(1024) / 256)[None]
    picture = spectrograms(wave)[0, ..., 0]
    assert picture.shape == (128, 13)
    assert picture.max() == 1 and picture.min() == -1
    np.testing.assert_array_equal(picture.argmax(axis=0), 128 - 4)
