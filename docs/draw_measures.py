"""Draws the pictures of measures.md and prints the values it quotes.

    python -m docs.draw_measures

From the root of the repository; it takes about a minute.
"""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from models.dcgan import generator
from tests.photographs import checkerboard, crops, to_8_bit
from tfupsample import PaddedConv2D
from tfupsample.inspection import gains
from tfupsample.measures import gradient, operator, overlap
from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)
from tfupsample.measures.border import border_deviation, border_error
from tfupsample.measures.pattern import pattern_strength
from tfupsample.measures.spectrum import radial_spectrum, spectral_distance
from tfupsample.model_files.atomic import new_path
from tfupsample.report import plots

FOLDER = pathlib.Path(__file__).parent / "measures"


def draw_overlap():
    """The kernel of the article, and what a second layer makes of it."""
    layers = [(3, 2), (3, 2)]
    save("overlap", plots.overlap_figure(layers))
    for stack in ([(3, 2)], [(4, 2)], [(5, 2)], layers):
        show(f"overlap {stack}", overlap.overlap(stack))
        show("  uneven in 2-D", overlap.unevenness(stack, rank=2))
    for size in (2, 3, 4, 5):
        show(f"box {size}, period 4", overlap.box_gain(size, 4))


def draw_operator():
    """The band matrix of the article."""
    matrix = operator.transposed_convolution_matrix(np.array([1, 2, 1.0]), 2, 6)
    save("operator", plots.operator_figure(matrix))


def draw_gains():
    """A fresh transposed convolution."""
    layer = keras.layers.Conv2DTranspose(8, 4, 2)
    layer.build((None, 8, 8, 16))
    found = gains.upsampling_gains(layer)
    save("gains", plots.gains_figure(found))
    show("imbalance", gains.imbalance(found))


def draw_patterns():
    """Untrained generators and photographs."""
    sets = {
        "deconv": samples("deconv", 3),
        "nearest": samples("nearest", 3),
        "photographs": crops(np.random.default_rng(0), 256, 64),
    }
    for name, images in sets.items():
        show(f"{name}: coherent, period 2", coherent_score(images, 2))
        show("  variance ratio, period 2", variance_ratio(images, 2))
        show("  prominence, dB, period 2", peak_prominence(images, 2))
        show("  strength, dB, period 2", pattern_strength(images, 2).mean())
    save("pattern", plots.pattern_figure(sets["deconv"], 4))
    save("prominence", plots.prominence_figure(sets["deconv"], 4))
    spectra = {name: radial_spectrum(standard(x)) for name, x in sets.items()}
    save("spectrum", plots.spectrum_figure(spectra))
    for name in ("deconv", "nearest"):
        pair = standard(sets[name]), standard(sets["photographs"])
        show(f"{name}: distance to photographs", spectral_distance(*pair))


def draw_strength():
    """Photographs with and without ±0.5 % of full scale planted."""
    rng = np.random.default_rng(0)
    for size in (64, 128, 256):
        for period in (2, 4, 8):
            clean, other = crops(rng, 100, size), crops(rng, 100, size)
            board = 0.005 * 255 * checkerboard(period, size)
            strengths = {
                "clean": pattern_strength(to_8_bit(clean), period),
                "±0.5 %": pattern_strength(to_8_bit(other + board), period),
            }
            values = np.concatenate([*strengths.values()])
            area = roc_auc_score(np.repeat([0, 1], 100), values)
            show(f"area under ROC, {size} px, period {period}", area)
            if (size, period) == (64, 2):
                save("strength", plots.strength_figure(strengths))


def draw_borders():
    """Three blurs in a row, and a generator, with zeros and mirrored."""
    photo = crops(np.random.default_rng(0), 1, 192)[0] / 255
    errors, deviations = {}, {}
    for pad_mode in ("constant", "symmetric"):
        model = keras.Sequential(
            [blur(5, pad_mode) for _ in range(3)], name=pad_mode
        )
        errors[pad_mode] = border_error(model, photo, 96)
        images = samples("nearest", 3, pad_mode)
        deviations[pad_mode] = border_deviation(images)
        show(f"{pad_mode}: PSNR of rings", errors[pad_mode].psnr[:7])
        show("  width", errors[pad_mode].width)
        show("  deviation of mean", deviations[pad_mode].mean[:3])
        show("  deviation of spread", deviations[pad_mode].spread[:3])
    save("border_error", plots.border_error_figure(errors))
    save("border_deviation", plots.border_deviation_figure(deviations))


def draw_gradient():
    """At a flat input, of a strided and of a regular convolution."""
    gradients = {}
    for stride in (2, 1):
        model = keras.Sequential([keras.layers.Conv2D(8, 3, stride, "same")])
        found = gradient.mean_gradient(model, np.ones((1, 24, 24, 3)))
        gradients[f"kernel 3, stride {stride}"] = found
        show(f"stride {stride}: share", gradient.pattern_share(found, 2))
    save("gradient", plots.gradient_figure(gradients))


def samples(upsample, kernel_size, pad_mode="symmetric"):
    """Images of an untrained DCGAN generator."""
    keras.utils.set_random_seed(0)
    network = generator(
        64,
        width=24,
        upsample=upsample,
        kernel_size=kernel_size,
        pad_mode=pad_mode,
    )
    latents = np.random.default_rng(0).normal(size=(256, 100))
    return network.predict(latents.astype("float32"), verbose=0)


def blur(size, pad_mode):
    """A convolution that averages each channel."""
    taps = np.zeros((size, size, 3, 3))
    taps[..., range(3), range(3)] = 1 / size**2
    return PaddedConv2D(
        3,
        size,
        pad_mode=pad_mode,
        kernel_initializer=keras.initializers.Constant(taps),
    )


def standard(images):
    """Images of mean 0 and standard deviation 1."""
    return (images - images.mean()) / images.std()


def show(name, value):
    """Prints a value to three digits."""
    print(f"{name:40} {np.array2string(np.asarray(value), precision=3)}")


def save(name, figure):
    """Writes a figure whole, or leaves the one that is there."""
    FOLDER.mkdir(exist_ok=True)
    with new_path(FOLDER / f"{name}.png") as path:
        figure.savefig(path)


def main():
    """Draws everything."""
    for draw in (
        draw_overlap,
        draw_operator,
        draw_gains,
        draw_patterns,
        draw_strength,
        draw_borders,
        draw_gradient,
    ):
        keras.utils.set_random_seed(0)
        draw()


if __name__ == "__main__":
    main()
