"""Draws the comparison of upsamplings of style_transfer.md.

    python -m benchmarks.style_transfer --parts=upsamplings --pictures=SHEETS
    python -m docs.draw_style_transfer SHEETS

From the root of the repository. One photograph and its pictures in the first
four styles, a row for each upsampling, enlarged.
"""

import pathlib
import sys

from PIL import Image

from tfupsample.images.files import save_image

SHEETS = ("nearest_3", "deconv_3", "deconv_4")
SIDE, COLUMNS, ZOOM = 128, 5, 2
PATH = pathlib.Path(__file__).parent / "style_transfer" / "upsamplings.jpg"


def main(folder):
    """Writes the first row of each sheet below one another."""
    picture = Image.new("RGB", (COLUMNS * SIDE, len(SHEETS) * SIDE))
    for row, name in enumerate(SHEETS):
        with Image.open(pathlib.Path(folder) / f"{name}.jpg") as sheet:
            first = sheet.crop((0, 0, COLUMNS * SIDE, SIDE))
            picture.paste(first, (0, row * SIDE))
    size = [ZOOM * n for n in picture.size]
    larger = picture.resize(size, Image.Resampling.NEAREST)
    save_image(PATH, larger, quality=80, optimize=True)
    print(PATH)


if __name__ == "__main__":
    main(sys.argv[1])
