"""Joins pictures side by side."""

import numpy as np

from tfupsample.images import arrays
from tfupsample.images.files import save_image

_GAP = 8  # pixels


def side_by_side(images, path, zoom=1):
    """Writes pictures of one height into one file, with gaps between them.

    Args:
        images: uint8 `(height, width, 1 or 3)` each.
        path: The file to write.
        zoom: Side of the square that each pixel becomes.
    """
    gap = np.full((images[0].shape[0], _GAP, images[0].shape[2]), 255, "uint8")
    row = [part for image in images for part in (image, gap)][:-1]
    save_image(path, arrays.picture(np.concatenate(row, axis=1), zoom))
