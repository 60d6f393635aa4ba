"""Enlarges audio eightfold, with and without the tones of the phases.

    python examples/audio_1d.py

In one dimension the checkerboard is a tone. A network that makes eight samples
from one, by doubling three times, learns plucked strings (decaying harmonics)
at 16 kHz from the same strings at 2 kHz, once with transposed convolutions of
kernel 5 and stride 2 and once with `ResizeConv1D` in their place. Doubling can
add tones at multiples of 2 kHz.

Prints, in dB, the power of what each network makes of silence, the power of
what repeats every eight samples in new notes, relative to the notes, and their
signal-to-noise ratio. Draws the spectra of these notes. Needs matplotlib.

Takes less than half a minute on two cores.
"""

import argparse
import functools
import pathlib

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure
from scipy.signal import resample_poly

from tfupsample import PaddedConv1D, ResizeConv1D

RATE = 16_000  # samples a second
FACTOR = 8

UPSAMPLINGS = {
    "transposed": functools.partial(layers.Conv1DTranspose, padding="same"),
    "resize": ResizeConv1D,
}


def enlarger(up, width=16):
    """Returns a network from sounds to sounds at `FACTOR` times the rate.

    Args:
        up: Makes a layer from filters, kernel size and factor.
        width: Filters of all layers but the last.
    """
    sounds = x = keras.Input((None, 1))
    for _ in range(3):
        x = PaddedConv1D(width, 9, activation="relu")(x)
        x = up(width, 5, 2, activation="relu")(x)
    return keras.Model(sounds, PaddedConv1D(1, 9)(x))


def strings(count, seconds, seed):
    """Returns plucked strings `(count, seconds * RATE, 1)`, about in [-1, 1].

    Their pitch is 80 to 400 Hz; higher harmonics are fainter and decay faster.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    sounds = np.zeros((count, len(time)))
    for sound in sounds:
        pitch = rng.uniform(80, 400)
        for harmonic in range(1, int(RATE / 2 / pitch)):
            wave = np.sin(2 * np.pi * harmonic * pitch * time)
            sound += wave * np.exp(-harmonic * pitch * time / 100) / harmonic
    return (sounds / 2)[..., None].astype("float32")


def spectrum(sounds):
    """Returns the power of each frequency up to half the rate, in dB."""
    windowed = sounds[..., 0] * np.hanning(sounds.shape[1])
    power = np.mean(np.abs(np.fft.rfft(windowed)) ** 2, axis=0)
    return 10 * np.log10(power + 1e-12)


def hum(sounds):
    """Returns the power of what repeats every `FACTOR` samples in all sounds.

    It is the variance over the means of the phases, in dB relative to the
    power of the sounds.
    """
    phases = sounds.reshape(-1, FACTOR).mean(axis=0)
    return decibels_of(np.var(phases) / np.var(sounds))


def draw(spectra, path):
    """Draws spectra `{name: decibels}` over one another."""
    figure = Figure((8, 3.5), layout="constrained")
    axes = figure.subplots()
    for name, decibels in spectra.items():
        kilohertz = np.linspace(0, RATE / 2000, len(decibels))
        axes.plot(kilohertz, decibels, label=name, linewidth=0.7)
    axes.set(xlabel="kHz", ylabel="power, dB", xlim=(0, RATE / 2000))
    axes.legend()
    figure.savefig(path, dpi=70)


def decibels_of(ratio):
    """Returns a ratio of powers in dB."""
    return float(10 * np.log10(ratio + 1e-20))


def main(argv=None):
    """Trains both networks; returns `{name: {"silence", "hum", "SNR"}}`, dB."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toy", action="store_true", help="one step only")
    parser.add_argument("-o", "--output", default="runs/examples")
    arguments = parser.parse_args(argv)
    width, count, epochs = (4, 8, 1) if arguments.toy else (16, 512, 4)
    sounds, tests = strings(count, 0.125, seed=0), strings(32, 0.5, seed=1)
    low, low_tests = (
        resample_poly(x, 1, FACTOR, axis=1) for x in (sounds, tests)
    )
    silence = np.zeros((1, RATE // FACTOR, 1), "float32")
    spectra, found = {"strings": spectrum(tests)}, {}
    for name, up in UPSAMPLINGS.items():
        keras.utils.set_random_seed(0)
        network = enlarger(up, width)
        network.compile(keras.optimizers.Adam(2e-3), "mean_squared_error")
        network.fit(low, sounds, 8, epochs, verbose=2)
        made = network.predict(low_tests, verbose=0)
        nothing = network.predict(silence, verbose=0)
        spectra[name] = spectrum(made)
        found[name] = {
            "silence": decibels_of(np.var(nothing[:, RATE // 4 : -RATE // 4])),
            "hum": hum(made),
            "SNR": decibels_of(
                np.mean(tests**2) / np.mean((made - tests) ** 2)
            ),
        }
        print(name, {key: round(v, 1) for key, v in found[name].items()})
    print("strings: hum", round(hum(tests), 1))
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    draw(spectra, folder / "audio_1d.png")
    return found


if __name__ == "__main__":
    main()
