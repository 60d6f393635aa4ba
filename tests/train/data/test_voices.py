"""Voices, their frames, and the batches of both."""

import numpy as np
import pytest

from tfupsample.measures.lines import tone_lines
from train.data.sounds import sound_batches
from train.data.voices import RATE, mel_frames, voices


def test_a_voice_depends_on_its_place_alone():
    some, more = (voices("train", n, 2048) for n in (2, 3))
    np.testing.assert_array_equal(some, more[:2])
    assert np.abs(more).max() <= 1
    assert not np.allclose(voices("test", 1, 2048), some[:1])
    assert not np.allclose(voices("train", 1, 2048, seed=1), some[:1])


def test_voices_whistle_at_no_multiple_of_the_frame_rate():
    waves = voices("test", 8, 8192)
    assert abs(tone_lines(waves.T, RATE, 64).prominence_db) < 1


@pytest.mark.parametrize("frequency", [300, 1000, 2500])
def test_a_tone_is_loudest_in_its_band(frequency):
    bands = 20
    time = np.arange(4096) / RATE
    frames = mel_frames(np.sin(2 * np.pi * frequency * time)[None], 64, bands)
    assert frames.shape == (1, 64, bands)
    mel = 2595 * np.log10(1 + np.array([frequency, RATE / 2]) / 700)
    place = mel[0] / mel[1] * (bands + 1) - 1
    assert abs(frames[0, 32].argmax() - place) <= 1


def test_frames_stand_at_their_samples():
    """A click is in the frame of its hop, whatever the hop."""
    for hop in (32, 64):
        wave = np.zeros((1, 32 * hop))
        wave[0, 20 * hop + hop // 2] = 1
        frames = mel_frames(wave, hop, 8).mean(axis=-1)
        assert frames[0].argmax() == 20


def test_batches_resume_where_they_were(rng):
    waves = rng.normal(size=(7, 16)).astype("float32")
    frames = waves[:, ::4, None]
    whole = [*sound_batches(frames, waves, 2, 3, 0, 2).as_numpy_iterator()]
    rest = [*sound_batches(frames, waves, 2, 3, 1, 2, 1).as_numpy_iterator()]
    assert len(whole) == 6 and len(rest) == 2
    for one, two in zip(whole[4:], rest):
        np.testing.assert_array_equal(one[1], two[1])
    for x, y in whole:
        np.testing.assert_array_equal(x[..., 0], y[:, ::4, 0])
    first = np.concatenate([y[:, 0, 0] for _, y in whole[:3]])
    assert len(set(first.tolist())) == 6
