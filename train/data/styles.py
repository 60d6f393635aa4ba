"""Pictures whose style is to be learned."""

import os
import pathlib

import numpy as np
from PIL import Image

from tfupsample.images.arrays import from_uint8
from train.data.files import open_rgb
from train.data.folder import list_pictures
from train.data.images import DataError
from train.data.picture import load_picture

EMBEDDED = (
    "brick",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "retina",
)
"""Textures that scikit-image ships."""


def load_styles(styles: str, size: int) -> dict[str, np.ndarray]:
    """Loads the pictures of the styles.

    Args:
        styles: A folder of pictures, or `"embedded"` for `EMBEDDED`.
        size: Shorter side in pixels, to which each picture is resized: it says
            how large strokes become.

    Returns:
        Name (that of the file, without suffix) to a float32 array `(height,
        width, 3)` in [-1, 1], sorted by name.

    Raises:
        DataError: The pictures cannot be had; the message says what to do.
    """
    if styles == "embedded":
        return {name: _array(_embedded(name), size) for name in EMBEDDED}
    root = pathlib.Path(os.path.expanduser(styles))
    if not root.is_dir():
        raise DataError(
            "--styles must name an existing folder of pictures, or be "
            f"embedded. Received: {styles!r}"
        )
    paths = list_pictures(root, given=styles)
    return {path.stem: _array(open_rgb(path), size) for path in paths}


def _embedded(name):
    pixels = load_picture(name)
    return Image.fromarray(np.repeat(pixels, 3 // pixels.shape[-1], axis=-1))


def _array(picture, size):
    factor = size / min(picture.size)
    sides = [max(round(n * factor), 1) for n in picture.size]
    resized = picture.resize(sides, Image.Resampling.LANCZOS)
    return from_uint8(resized)
