"""Draws the picture of the README: one GAN, its repair, and its cure.

    python -m docs.draw_generators

From the root of the repository: samples of trained generators that come with
the package, from the same latents, and their power spectra, in which a
checkerboard is a lattice of bright points. Each pixel is drawn as a whole
number of pixels, or the drawing would paint a pattern of its own.
"""

import pathlib

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfupsample import load_pretrained, repair_model
from tfupsample.images.arrays import grid, to_uint8
from tfupsample.images.files import save_image
from tfupsample.measures.spectrum import power_spectrum

PATH = pathlib.Path(__file__).parent / "generators.png"
SIDE, GAP, TITLE = 256, 8, 28  # pixels
SAMPLES, CLASSES = 1024, 6
SHOWN = (0, 1, 4, 5)  # circle, ring, star, cross: the first sample of each
DECIBELS = (-60, 10)


def networks():
    """Returns the generators by the title of their column."""
    deconv, nearest, bilinear = (
        load_pretrained(f"dcgan_shapes64_{name}", "keras")
        for name in ("deconv", "nearest", "bilinear")
    )
    return {
        "deconv": deconv,
        "deconv, repaired": repair_model(deconv, method="smooth").model,
        "nearest": nearest,
        "bilinear": bilinear,
    }


def main():
    """Writes `docs/generators.png`."""
    shown = networks()
    width = len(shown) * (SIDE + GAP) - GAP
    page = Image.new("RGB", (width, TITLE + 2 * SIDE + GAP), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(18)
    for i, (title, network) in enumerate(shown.items()):
        latents = drawn(network.input_shape[1])
        images = network.predict(latents, verbose=0)
        classes = latents[:, -CLASSES:].argmax(axis=1).tolist()
        first = images[[classes.index(c) for c in SHOWN]]
        left = i * (SIDE + GAP)
        draw.text((left + SIDE / 2, 4), title, "black", font, anchor="ma")
        page.paste(large(grid(to_uint8(first))), (left, TITLE))
        page.paste(large(spectrum(images)), (left, TITLE + SIDE + GAP))
    save_image(PATH, page, optimize=True)
    print(PATH)


def drawn(size):
    """Returns the latents, the same for all generators."""
    latents = np.random.default_rng(0).normal(size=(SAMPLES, size))
    return latents.astype("float32")


def spectrum(images):
    """Returns the power spectrum in colours, uint8."""
    low, high = DECIBELS
    shares = np.clip((power_spectrum(images) - low) / (high - low), 0, 1)
    return matplotlib.colormaps["inferno"](shares, bytes=True)[..., :3]


def large(pixels):
    """Returns a picture of `SIDE` pixels, which the side must divide."""
    if SIDE % len(pixels):
        raise ValueError(f"{SIDE} is no multiple of {len(pixels)}.")
    return Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX)


if __name__ == "__main__":
    main()
