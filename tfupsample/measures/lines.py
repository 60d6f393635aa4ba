"""Lines that upsampling draws into the spectrum of a sound.

A transposed convolution whose overlap is uneven repeats the same weights with
the period of its stride. In a sound of `rate` samples a second that is a tone
at each multiple of `rate / period`, the whistle of vocoders. Detectors of
generated speech rest on it (arXiv 2506.19108).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tfupsample.arguments import (
    finite,
    finite_array,
    integer,
    period_list,
)

MOST_PERIOD = 512
_LEAST_WINDOW = 2048  # samples; several periods of a voice
_SPACING = 32  # bins from one line to the next, at least
_LEAKAGE = 3  # bins beside a line that its window smears it over
_BESIDE = np.arange(_LEAKAGE, 13)  # bins that a line is compared with


@dataclasses.dataclass(frozen=True)
class ToneLines:
    """What `tone_lines` returns.

    Attributes:
        period: Samples from one repetition to the next.
        frequency: Of each line, in Hz: multiples of `rate / period`.
        line_db: How far each line stands out of the spectrum beside it, in dB.
        prominence_db: The median of `line_db`: about 0 where there is none.
        worst_db: The largest of `line_db`.
        significance: `prominence_db` in standard deviations of the mean of as
            many levels between the lines.
    """

    period: int
    frequency: np.ndarray
    line_db: np.ndarray
    prominence_db: float
    worst_db: float
    significance: float


@dataclasses.dataclass(frozen=True)
class LongTimeSpectrum:
    """The spectrum of a whole sound.

    Attributes:
        frequency: In Hz, from 0 to half the rate.
        power: Mean power of each frequency, in the unit of the wave, squared.
    """

    frequency: np.ndarray
    power: np.ndarray


def usual_periods(samples: int) -> list[int]:
    """Returns the products of small factors up to 512 that fit into a sound.

    Args:
        samples: Length of the sound.
    """
    numbers = np.arange(2, MOST_PERIOD + 1)
    rest = numbers.copy()
    for factor in (2, 3, 5):
        for _ in range(9):
            rest = np.where(rest % factor == 0, rest // factor, rest)
    return [int(n) for n in numbers[rest == 1] if window(int(n)) <= samples]


def window(period: int) -> int:
    """Returns the samples that `tone_lines` looks at together."""
    return period * max(_SPACING, -(-_LEAST_WINDOW // period))


def long_time_spectrum(
    wave: ArrayLike, rate: float, size: int = _LEAST_WINDOW
) -> LongTimeSpectrum:
    """Returns the mean spectrum of windows that overlap by half (Welch, 1967).

    Args:
        wave: `(samples,)` or `(samples, channels)`, any unit. Of several
            channels the powers are averaged.
        rate: Samples per second, at least 1.
        size: Samples of a window (Hann's), at most those of the wave.

    Raises:
        ValueError: for an argument outside these ranges.
    """
    wave = _checked(wave)
    finite("rate", rate, least=1)
    integer("size", size, 4, len(wave))
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    starts = range(0, len(wave) - size + 1, size // 2)
    power = np.zeros(size // 2 + 1)
    for i in starts:
        spectra = np.fft.rfft(shape[:, None] * wave[i : i + size], axis=0)
        power += np.mean(np.abs(spectra) ** 2, axis=-1)
    scale = len(starts) * np.sum(shape**2)
    return LongTimeSpectrum(np.fft.rfftfreq(size, 1 / rate), power / scale)


def tone_lines(wave: ArrayLike, rate: float, period: int) -> ToneLines:
    """Measures the lines at the multiples of `rate / period`.

    The power of a line is compared with the median of the powers beside it, in
    a spectrum whose windows hold a whole number of periods, so that each line
    falls on one frequency of it.

    Args:
        wave: `(samples,)` or `(samples, channels)`, any unit.
        rate: Samples per second.
        period: Product of the upsampling factors, at least 2; the wave must
            hold `window(period)` samples, at least 32 periods.

    Raises:
        ValueError: for an argument outside these ranges, or a wave that is
            silent.
    """
    wave = _checked(wave)
    integer("period", period, 2)
    size = window(period)
    if len(wave) < size:
        raise ValueError(
            f"`wave` must have at least {size} samples for period {period}. "
            f"Received: {len(wave)}"
        )
    spectrum = long_time_spectrum(wave, rate, size)
    if not spectrum.power.any():
        raise ValueError("`wave` must not be silent. Received: zeros only")
    step = size // period
    level = 10 * np.log10(spectrum.power + 1e-20 * spectrum.power.max())
    places = np.arange(1, period // 2 + 1) * step
    line_db = _above_neighbours(level, places)
    error = max(_spread(level, step), 1e-9) / np.sqrt(len(places))
    prominence = float(np.median(line_db))
    return ToneLines(
        period,
        spectrum.frequency[places],
        line_db,
        prominence,
        float(line_db.max()),
        prominence / error,
    )


def strongest_lines(
    wave: ArrayLike, rate: float, periods: Sequence[int]
) -> ToneLines:
    """Returns the most significant result of `tone_lines` over periods."""
    checked = period_list("periods", periods)
    found = [tone_lines(wave, rate, period) for period in checked]
    return max(found, key=lambda lines: lines.significance)


def _above_neighbours(level, places):
    """Returns levels at places above the medians around them, in dB."""
    beside = np.abs(places[:, None] + np.concatenate([-_BESIDE, _BESIDE]))
    last = len(level) - 1  # the spectrum is even about both of its ends
    beside = np.where(beside > last, 2 * last - beside, beside)
    return level[places] - np.median(level[beside], axis=1)


def _spread(level, step):
    """Returns the standard deviation of a level where there is no line.

    By the median deviation, which a few outliers do not change.
    """
    places = np.arange(step // 2, len(level))
    apart = np.abs((places + step // 2) % step - step // 2) >= _LEAKAGE
    values = _above_neighbours(level, places[apart])
    return 1.4826 * np.median(np.abs(values - np.median(values)))


def _checked(wave):
    if np.ndim(wave) == 1:
        wave = np.asarray(wave)[:, None]
    return finite_array("wave", wave, ("samples", "channels"))
