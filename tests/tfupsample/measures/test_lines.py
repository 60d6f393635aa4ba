"""Lines of known level in sounds whose spectrum is known."""

import numpy as np
import pytest

from tfupsample.measures.lines import (
    long_time_spectrum,
    strongest_lines,
    tone_lines,
    usual_periods,
    window,
)

RATE = 16_000
TIME = np.arange(4 * RATE)


@pytest.fixture
def noise(rng):
    return rng.normal(size=len(TIME))


def line(period, harmonic=1, amplitude=1.0):
    return amplitude * np.cos(2 * np.pi * harmonic * TIME / period + 0.3)


@pytest.mark.parametrize("period", [2, 8, 64, 120])
def test_noise_has_no_lines(noise, period):
    found = tone_lines(noise, RATE, period)
    assert abs(found.prominence_db) < 1.5 / np.sqrt(period // 2)
    assert found.worst_db < 3
    assert abs(found.significance) < 4


@pytest.mark.parametrize("period", [8, 64])
@pytest.mark.parametrize("amplitude", [0.2, 1.0])
def test_a_tone_in_noise_stands_out_as_far_as_it_must(noise, period, amplitude):
    """Hann's window gathers a tone 2/3 as well as a window without a taper."""
    found = tone_lines(noise + line(period, 1, amplitude), RATE, period)
    expected = 10 * np.log10(1 + amplitude**2 * window(period) / 6)
    np.testing.assert_allclose(found.line_db[0], expected, atol=1.5)
    assert found.frequency[0] == pytest.approx(RATE / period)
    np.testing.assert_array_less(np.abs(found.line_db[1:]), 3)


def test_the_period_of_all_lines_is_found(noise):
    wave = noise + sum(line(48, k, 0.3) for k in range(1, 24))
    found = strongest_lines(wave, RATE, usual_periods(len(wave)))
    assert found.period == 48
    assert found.prominence_db > 6
    assert found.significance > 20


def test_harmonics_elsewhere_are_not_reported(rng, noise):
    """A voice that wavers about 210 Hz: 76.2 periods a sample."""
    phase = np.cumsum(210 + 10 * np.sin(2 * np.pi * 3 * TIME / RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 30))
    for period in usual_periods(len(TIME)):
        found = tone_lines(voice + 0.01 * noise, RATE, period)
        assert found.prominence_db < 3, period


def test_scale_of_wave_and_rate_do_not_matter(noise):
    wave = noise + line(8)
    first = tone_lines(wave, RATE, 8)
    other = tone_lines(1000 * wave, 3 * RATE, 8)
    np.testing.assert_allclose(other.line_db, first.line_db, atol=1e-6)
    np.testing.assert_allclose(other.frequency, 3 * first.frequency)


def test_channels_are_averaged_in_power(noise):
    """Where lines cancel in the sum they still count."""
    both = np.stack([noise + line(8), noise - line(8)], axis=-1)
    assert tone_lines(both, RATE, 8).line_db[0] > 20
    np.testing.assert_allclose(
        long_time_spectrum(noise, RATE).power,
        long_time_spectrum(np.stack([noise, noise], -1), RATE).power,
    )


def test_spectrum_of_noise_is_its_variance(noise):
    power = long_time_spectrum(2 * noise, RATE).power
    np.testing.assert_allclose(power[2:].mean(), 4, rtol=0.03)


def test_what_cannot_be_measured_is_refused():
    for bad, message in (
        ((np.zeros(5000), RATE, 8), "silent"),
        ((np.ones(100), RATE, 8), "at least 2048 samples"),
        ((np.ones((2, 3, 4)), RATE, 8), "`wave` must have the shape"),
        ((np.full(5000, np.nan), RATE, 8), "`wave` must"),
        ((np.ones(5000), 0, 8), "`rate` must"),
        ((np.ones(5000), RATE, 1), "`period` must"),
    ):
        with pytest.raises(ValueError, match=message):
            tone_lines(*bad)
