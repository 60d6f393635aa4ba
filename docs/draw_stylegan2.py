"""Draws the pictures of stylegan2.md from a finished run.

    python -m docs.draw_stylegan2 runs/stylegan2

From the root of the repository, after `python -m train.traverse RUN hue`
and `RUN size`.
"""

import pathlib
import sys

from PIL import Image

from tfupsample.images.files import save_image

FOLDER = pathlib.Path(__file__).parent


def main(folder):
    """Writes the samples, and sheets of hue and size in z beside w."""
    run = pathlib.Path(folder)
    with Image.open(run / "samples.png") as samples:
        save(samples, "samples")
    for factor in ("hue", "size"):
        sheets = [
            Image.open(run / f"traverse_{factor}_{space}.png")
            for space in ("z", "w")
        ]
        width, height = sheets[0].size
        both = Image.new("RGB", (2 * width + 16, height), "white")
        for i, sheet in enumerate(sheets):
            both.paste(sheet, (i * (width + 16), 0))
        save(both, factor)


def save(picture, name):
    """Writes `stylegan2_<name>.jpg`."""
    path = FOLDER / f"stylegan2_{name}.jpg"
    picture = picture.convert("RGB")
    save_image(path, picture, quality=85, optimize=True)
    print(path)


if __name__ == "__main__":
    main(sys.argv[1])
