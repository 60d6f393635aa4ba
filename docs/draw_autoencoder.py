"""Draws the picture of autoencoder.md from finished runs.

    python -m docs.draw_autoencoder runs/nearest runs/deconv

From the root of the repository.
"""

import pathlib
import sys

import keras
import numpy as np

from tfupsample.images import arrays
from tfupsample.images.files import save_image
from train.autoencoder import reconstruct
from train.data import load_images

PATH = pathlib.Path(__file__).parent / "autoencoder.png"
SHOWN = (0, 7, 12, 46)  # crops of both photographs


def main(folders):
    """Draws crops above their reconstructions, a row for each run."""
    images = load_images("photos", 64, split="test", max_images=64).images
    images = images[list(SHOWN)].astype("float32") / 127.5 - 1
    rows = [images]
    for folder in folders:
        path = pathlib.Path(folder) / "autoencoder.keras"
        rows.append(reconstruct(keras.saving.load_model(path), images))
    grid = arrays.grid(np.concatenate(rows), columns=len(images))
    save_image(PATH, arrays.picture(arrays.to_uint8(grid), 3), optimize=True)
    print(PATH)


if __name__ == "__main__":
    main(sys.argv[1:])
