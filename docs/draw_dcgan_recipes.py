"""Writes the table and the picture of the recipes of DCGAN.

    python -m benchmarks.dcgan_recipes
    python -m docs.draw_dcgan_recipes

From the root of the repository: the table in `docs/dcgan.md`, from
`benchmarks/results/dcgan_recipes.json`, and samples of `SHOWN` side by side in
`docs/dcgan_recipes.png`, from `runs/dcgan_recipes`.
"""

import pathlib

from PIL import Image, ImageDraw, ImageFont

from docs.page_tables import DOCS, DrawnTable
from tfupsample.images.files import save_image

SAMPLES = pathlib.Path("runs/dcgan_recipes")
SHOWN = ("small", "labels, r1 of 0.1, rate 1e-3")
_GAP, _TITLE = 16, 28  # pixels
HEAD = (
    "recipe",
    "seed",
    "steps",
    "confidence, share of real",
    "KID ·1000",
    "SWD ·1000 at 64, 32, 16 px",
    "prominence at 2, 4, 8, dB",
)


def main():
    """Writes the table, and the picture if there are samples."""
    TABLE.write()
    save_image(DOCS / "dcgan_recipes.png", sheet(), optimize=True)


def lines(results):
    """Yields the cells."""
    cells = results["cells"]
    real = cells["training images"]["0"]
    yield HEAD
    for name, seeds in cells.items():
        yield from (_row(name, s, row, real) for s, row in seeds.items())


def _row(name, seed, row, real):
    distances = row["sliced_wasserstein"].values()
    return [
        name,
        seed,
        str(row.get("steps", "")),
        f"{row['confidence'] / real['confidence']:.2f}",
        f"{1000 * row['kid']:.1f}",
        ", ".join(f"{1000 * x:.0f}" for x in distances),
        ", ".join(f"{x:.1f}" for x in row["prominence_db"].values()),
    ]


def sheet():
    """Returns the samples of the recipes that are shown, side by side."""
    grids = [Image.open(SAMPLES / f"{name}-0.png") for name in SHOWN]
    width = sum(g.width for g in grids) + _GAP * (len(grids) - 1)
    page = Image.new("RGB", (width, grids[0].height + _TITLE), "white")
    pen, left = ImageDraw.Draw(page), 0
    for name, samples in zip(SHOWN, grids):
        pen.text((left, 4), name, "black", ImageFont.load_default(16))
        page.paste(samples, (left, _TITLE))
        left += samples.width + _GAP
    return page


TABLE = DrawnTable("dcgan.md", "dcgan_recipes", "recipes", lines)


if __name__ == "__main__":
    main()
