"""Draws the picture of super_resolution.md.

    python -m docs.draw_super_resolution runs/x3/super_resolution.keras

From the root of the repository: a part of scikit-image's cat in low resolution
(its pixels shown as squares), enlarged bicubically, by the network, and as it
was.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image
from skimage import data

from tfupsample.images import arrays
from tfupsample.images.files import save_image
from tfupsample.model_files.loading import load_keras
from train.data.degrade import cropped, imresize, low_resolution
from train.evaluation.enlarge import enlarge, scale_of

PART = np.s_[36:180, 96:264]  # sides that 2, 3 and 4 divide
ZOOM = 2


def main(path):
    """Writes `docs/super_resolution.png`."""
    network = load_keras(path)
    scale = scale_of(network)
    picture = cropped(data.chelsea(), 12)
    low = low_resolution(picture, scale)
    image = low / 127.5 - 1
    shown = (
        np.repeat(np.repeat(image, scale, 0), scale, 1),
        imresize(image, *picture.shape[:2]),
        enlarge(network, image),
        picture / 127.5 - 1,
    )
    parts = [arrays.to_uint8(part[PART]) for part in shown]
    target = pathlib.Path(__file__).parent / "super_resolution.png"
    large = Image.fromarray(arrays.grid(parts, columns=2))
    size = (ZOOM * large.width, ZOOM * large.height)
    large = large.resize(size, Image.Resampling.NEAREST).quantize(256)
    save_image(target, large, optimize=True)
    print(target)


if __name__ == "__main__":
    main(sys.argv[1])
