"""How close generated waves are to real ones, and what they whistle."""

import numpy as np

from models.vocoder import RESOLUTIONS
from tfupsample.measures.lines import tone_lines

_FLOOR = 1e-4  # of the magnitudes, as in the loss


def whistle(waves, rate, period):
    """Returns the prominence of the lines, of each wave and of all.

    Args:
        waves: `(count, samples)`.
        rate: Samples per second.
        period: Samples per frame.

    Returns:
        `{"prominence_db", "worst_db", "each_db"}`: of the mean spectrum of all
        waves, and a list with the prominence in each.
    """
    pooled = tone_lines(np.transpose(waves), rate, period)
    each = [tone_lines(wave, rate, period).prominence_db for wave in waves]
    return {
        "prominence_db": pooled.prominence_db,
        "worst_db": pooled.worst_db,
        "each_db": each,
    }


def spectral_distance_db(real, made):
    """Returns the mean absolute difference of log spectrograms, in dB.

    Args:
        real: `(count, samples)`.
        made: The same.
    """
    parts = [
        np.abs(_level(real, *size) - _level(made, *size)).mean()
        for size in RESOLUTIONS
    ]
    return float(np.mean(parts))


def spectrograms(waves, size=256, step=64):
    """Returns pictures `(count, size // 2, frames, 1)` in [-1, 1], low below.

    Black is 80 dB below the loudest.
    """
    level = np.swapaxes(_level(waves, size, step), 1, 2)[:, :0:-1]
    top = level.max(axis=(1, 2), keepdims=True)
    return np.clip((level - top) / 40 + 1, -1, 1)[..., None]


def _level(waves, size, step):
    windows = np.lib.stride_tricks.sliding_window_view(waves, size, axis=1)
    spectra = np.fft.rfft(windows[:, ::step] * np.hanning(size))
    return 20 * np.log10(np.maximum(np.abs(spectra), _FLOOR))
