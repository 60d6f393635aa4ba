import numpy as np
import pytest

from tfupsample.ops.kaiser import kaiser_taps


def response(taps, scale):
    """Gain at frequencies in cycles per pixel of the smaller image."""
    frequencies = np.linspace(0, scale / 2, 500)
    places = np.arange(len(taps)) / scale
    waves = np.exp(-2j * np.pi * frequencies[:, None] * places)
    return frequencies, np.abs(waves @ taps)


@pytest.mark.parametrize("scale", [2, 3, 4, 7])
@pytest.mark.parametrize("attenuation", [40, 70])
@pytest.mark.parametrize("half_width", [0.1, 0.207])
def test_taps_are_kaisers_window_of_a_sinc(scale, attenuation, half_width):
    """Kaiser's formulas for the window, but for what equal phases take."""
    taps = kaiser_taps(scale, 0.4, half_width, attenuation)
    beta = (
        0.1102 * (attenuation - 8.7)
        if attenuation > 50
        else 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    )
    places = (np.arange(len(taps)) - (len(taps) - 1) / 2) / scale
    ideal = np.sinc(2 * 0.4 * places) * np.kaiser(len(taps), beta)
    for phase in range(scale):
        ideal[phase::scale] /= scale * ideal[phase::scale].sum()
    np.testing.assert_allclose(taps, ideal, atol=1e-12)


@pytest.mark.parametrize("scale", [2, 3, 8])
@pytest.mark.parametrize("attenuation", [30, 40, 80])
@pytest.mark.parametrize("cutoff", [0.3, 0.5])
def test_it_passes_and_stops_as_it_says(scale, attenuation, cutoff):
    taps = kaiser_taps(scale, cutoff, 0.15, attenuation)
    frequencies, gain = response(taps, scale)
    ripple = 10 ** (-(attenuation - 9) / 20)
    assert gain[frequencies >= cutoff + 0.15].max() < ripple
    passed = gain[frequencies <= cutoff - 0.15]
    assert np.abs(passed - 1).max() < ripple
    assert gain[np.argmin(np.abs(frequencies - cutoff))] == pytest.approx(
        0.5, abs=0.05
    )


@pytest.mark.parametrize("scale", [1, 2, 3, 5, 256])
@pytest.mark.parametrize("half_width", [0.1, 0.5])
def test_phases_have_the_same_sum(scale, half_width):
    taps = kaiser_taps(scale, 0.5, half_width, 30)
    sums = [taps[phase::scale].sum() for phase in range(scale)]
    np.testing.assert_allclose(sums, 1 / scale, rtol=1e-14)
    np.testing.assert_allclose(taps, taps[::-1], atol=1e-16)
    assert (len(taps) - scale) % 2 == 0


def test_the_default_of_the_layers_is_as_long_as_that_of_stylegan3():
    assert len(kaiser_taps(2, 0.5, 0.207, 40)) == 12
