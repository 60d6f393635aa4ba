"""Voices made in numpy: buzzes through formants, and their mel frames."""

import numpy as np

RATE = 8000
SPLITS = {"train": 400, "test": 200}
"""Number of sounds in each split."""
_FORMANTS = ((250, 850), (800, 2300), (2000, 3000))  # Hz, lowest and highest
_WIDTHS = (80, 120, 180)  # Hz
_LOUDEST = 0.7


def voices(split: str, count: int, samples: int, seed: int = 0) -> np.ndarray:
    """Makes the first sounds of a split.

    A sound depends on its length, seed, split and index alone.

    Args:
        split: A key of `SPLITS`.
        count: How many sounds.
        samples: Length of each, at `RATE` samples a second.
        seed: Another seed gives other sounds.

    Returns:
        float32 `(count, samples)` in [-1, 1].
    """
    part = [*SPLITS].index(split)
    sounds = [
        voice(samples, np.random.default_rng((seed, part, index)))
        for index in range(count)
    ]
    return np.stack(sounds).astype("float32")


def voice(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a voice that glides in pitch and vowel, with breath and pauses.

    Args:
        samples: Its length.
        rng: Source of randomness.
    """
    pitch = _glide(samples, np.log(90), np.log(280), rng)
    phase = 2 * np.pi * np.cumsum(np.exp(pitch)) / RATE
    formants = [_glide(samples, *bounds, rng) for bounds in _FORMANTS]
    wave = rng.uniform(0.001, 0.01) * rng.normal(size=samples)
    for harmonic in range(1, RATE // 2 // 90):
        frequency = harmonic * np.exp(pitch)
        gain = sum(
            width / np.hypot(frequency - formant, width)
            for formant, width in zip(formants, _WIDTHS)
        )
        gain *= np.clip((0.47 * RATE - frequency) / 200, 0, 1)
        wave += gain * np.sin(harmonic * phase) / harmonic**0.5
    wave *= np.clip(_glide(samples, -0.3, 1.2, rng), 0.02, 1)
    return rng.uniform(0.3, 1) * _LOUDEST * wave / np.abs(wave).max()


def _glide(samples, low, high, rng):
    """A smooth curve through random points, some seven a second."""
    points = max(samples * 7 // RATE, 2)
    values = rng.uniform(low, high, points)
    return np.interp(
        np.linspace(0, points - 1, samples), np.arange(points), values
    )


def mel_frames(waves: np.ndarray, hop: int, bands: int) -> np.ndarray:
    """Returns logarithms of the powers in mel bands, one row for each hop.

    Args:
        waves: `(count, samples)`.
        hop: Samples from one frame to the next; a divisor of `samples`.
        bands: Number of bands up to half the rate.

    Returns:
        float32 `(count, samples // hop, bands)`, about -3 to 3.
    """
    size = 4 * hop
    before = (size - hop) // 2
    padded = np.pad(waves, [(0, 0), (before, size - hop - before)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)
    spectra = np.fft.rfft(windows[:, ::hop] * np.hanning(size), 2 * size)
    powers = np.abs(spectra) ** 2 @ _mel_filters(spectra.shape[-1], bands).T
    return (np.log(powers + 1e-5) / 3 + 1).astype("float32")


def _mel_filters(bins, bands):
    """Triangles of equal width on the mel scale, `(bands, bins)`."""
    most = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, most, bands + 2) / 2595) - 1)
    frequency = np.linspace(0, RATE / 2, bins)
    low, centre, high = (edges[i : i + bands, None] for i in range(3))
    rising = (frequency - low) / (centre - low)
    falling = (high - frequency) / (high - centre)
    return np.maximum(np.minimum(rising, falling), 0)
