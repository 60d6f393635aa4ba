"""Draws the pictures of mathematics.md.

    python -m docs.draw_mathematics

From the root of the repository; it takes a few seconds.
"""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from matplotlib.figure import Figure

from tfupsample import make_upsampler
from tfupsample.model_files.atomic import new_path
from tfupsample.ops.phase_gain import balanced
from tfupsample.ops.ramps import ramp_keeping

FOLDER = pathlib.Path(__file__).parent / "mathematics"
COLOURS = ("tab:blue", "tab:orange")


def draw_phases():
    """Taps by phase: three of a transposed convolution, and a composite."""
    kernel = np.array([0.6, 1, 0.8])
    parts = {
        "transposed, 3 taps": kernel,
        "kernel w": kernel,
        "nearest h": np.ones(2),
        "composite h * w": np.convolve(kernel, np.ones(2)),
    }
    figure = Figure(figsize=(9, 2.4), layout="constrained")
    for axes, (title, taps) in zip(
        figure.subplots(1, 4, sharey=True), parts.items()
    ):
        upsamples = title not in ("kernel w", "nearest h")
        colours = [COLOURS[i % 2] if upsamples else "grey" for i in range(4)]
        axes.bar(range(len(taps)), taps, color=colours[: len(taps)])
        gains = f"gains {taps[::2].sum():g} and {taps[1::2].sum():g}"
        axes.set(title=title, xlabel=gains if upsamples else "taps")
        axes.set(xticks=range(4), xlim=(-0.6, 3.6))
    save("phases", figure)


def draw_flat():
    """What fresh layers make of a flat picture, border included."""
    layers = {
        "deconv 3×3": ("deconv", 3, "constant"),
        "deconv 4×4": ("deconv", 4, "constant"),
        "deconv_balanced 4×4": ("deconv_balanced", 4, "constant"),
        "nearest 3×3, zeros": ("nearest", 3, "constant"),
        "nearest 3×3, symmetric": ("nearest", 3, "symmetric"),
    }
    figure = Figure(figsize=(10, 2.5), layout="constrained")
    for axes, (title, arguments) in zip(figure.subplots(1, 5), layers.items()):
        axes.imshow(of_flat(*arguments), cmap="gray", vmin=0, vmax=2)
        axes.set_title(title, fontsize=9)
        axes.set_axis_off()
    save("flat", figure)


def of_flat(upsample, kernel_size, pad_mode):
    """A flat picture through a layer of positive weights, of mean 1."""
    layer = make_upsampler(
        upsample,
        1,
        kernel_size,
        pad_mode=pad_mode,
        kernel_initializer=keras.initializers.RandomUniform(0, 1, seed=1),
    )
    picture = np.asarray(layer(np.ones((1, 8, 8, 1), "float32")))[0, ..., 0]
    return picture / picture[2:-2, 2:-2].mean()


def draw_ramps():
    """A ramp through equal gains, and through equal first moments as well."""
    kernel = np.array([-0.1, 1.5, 1.1, -0.2]).reshape(4, 1, 1)
    kernels = {
        "equal gains": balanced(kernel, 2),
        "equal gains and centres": ramp_keeping(kernel, (2,)),
    }
    figure = Figure(figsize=(7, 2.6), layout="constrained")
    for axes, (title, kernel) in zip(
        figure.subplots(1, 2, sharey=True), kernels.items()
    ):
        spread = np.zeros(24)
        spread[::2] = np.arange(12)
        ramp = np.convolve(spread, np.asarray(kernel).ravel())[4:-6]
        axes.plot(ramp, "o-", markersize=4)
        axes.set(title=title, xlabel="output pixel")
    save("ramp", figure)


def save(name, figure):
    """Writes a figure whole, or leaves the one that is there."""
    FOLDER.mkdir(exist_ok=True)
    with new_path(FOLDER / f"{name}.png") as path:
        figure.savefig(path)


def main():
    """Draws everything."""
    for draw in (draw_phases, draw_flat, draw_ramps):
        draw()


if __name__ == "__main__":
    main()
