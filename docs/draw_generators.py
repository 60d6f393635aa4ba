"""Draws the picture of the README: one GAN on four upsamplings.

    python -m docs.draw_generators

From the root of the repository: samples of the trained generators that come
with the package, from the same latents, and their power spectra, in which a
checkerboard is a bright point at the end of an axis. Each pixel is drawn as a
whole number of pixels, or the drawing would paint a pattern of its own.
"""

import pathlib

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfupsample import load_pretrained
from tfupsample.images.arrays import grid, to_uint8
from tfupsample.images.files import save_image
from tfupsample.measures.spectrum import power_spectrum
from train.evaluation import artifacts

PATH = pathlib.Path(__file__).parent / "generators.png"
NAMES = ("nearest", "bilinear", "subpixel", "deconv")
SIDE, GAP, TITLE = 256, 8, 28  # pixels
SAMPLES = 4
DECIBELS = (-60, 10)


def main():
    """Writes `docs/generators.png`."""
    width = len(NAMES) * (SIDE + GAP) - GAP
    page = Image.new("RGB", (width, TITLE + 2 * SIDE + GAP), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(18)
    for i, name in enumerate(NAMES):
        network = load_pretrained(f"dcgan_shapes64_{name}", "keras")
        images = artifacts.samples(network)
        left = i * (SIDE + GAP)
        draw.text((left + SIDE / 2, 4), name, "black", font, anchor="ma")
        page.paste(large(grid(to_uint8(images[:SAMPLES]))), (left, TITLE))
        page.paste(large(spectrum(images)), (left, TITLE + SIDE + GAP))
    save_image(PATH, page, optimize=True)
    print(PATH)


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
