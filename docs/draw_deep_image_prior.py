"""Draws the pictures of deep_image_prior.md from the runs of its benchmark.

    python -m docs.draw_deep_image_prior runs/prior

From the root of the repository, after `python -m benchmarks.deep_image_prior`
with the same folder.
"""

import json
import pathlib
import sys

import numpy as np
from PIL import Image

from benchmarks.deep_image_prior import PICTURES, TASKS
from benchmarks.timing import RESULTS
from tfupsample.images.files import save_image
from tfupsample.model_files.atomic import new_path
from train.deep_image_prior_sweep import figure

FOLDER = pathlib.Path(__file__).parent / "deep_image_prior"
SHOWN = ("damaged", "average", "clean")


def draw_pictures(runs):
    """Photographs damaged, restored and original, from the top."""
    for task in TASKS:
        rows = [
            np.concatenate([_pixels(folder / f"{name}.png") for name in SHOWN])
            for folder in (runs / f"{picture}-{task}" for picture in PICTURES)
            if (folder / "scores.json").exists()
        ]
        if rows:
            sheet = Image.fromarray(np.concatenate(rows, axis=1))
            path = FOLDER / f"{task}.jpg"
            save_image(path, sheet, quality=75)
            print(path)


def draw_sweep():
    """The committed table of the sweep."""
    text = (RESULTS / "deep_image_prior.json").read_text()
    rows = json.loads(text)["sweep"]
    if rows:
        with new_path(FOLDER / "sweep.png") as path:
            figure(rows).savefig(path, dpi=80)


def _pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


if __name__ == "__main__":
    draw_pictures(pathlib.Path(sys.argv[1]))
    draw_sweep()
