"""One picture, by the name scikit-image ships it under or from a file."""

import pathlib

import numpy as np
from PIL import Image

from tfupsample.errors import UnusableInput
from tfupsample.images.files import open_image
from train.data.images import DataError, fit

BUNDLED = (
    "astronaut",
    "brick",
    "camera",
    "cell",
    "chelsea",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "moon",
    "retina",
    "rocket",
)
"""Photographs that come with scikit-image, so that none is downloaded."""


def load_picture(
    image: str, image_size: int = 0, multiple: int = 1
) -> np.ndarray:
    """Loads one picture.

    Args:
        image: One of `BUNDLED`, or the path of a picture file.
        image_size: Pixels a side, of the central square; 0 leaves the picture
            as it is but for `multiple`.
        multiple: Height and width are cropped, about the centre, to multiples
            of it.

    Returns:
        uint8 `(height, width, channels)`, 1 channel if grey, else 3.

    Raises:
        DataError: The picture cannot be had; the message says what to do.
    """
    picture = _bundled(image) if image in BUNDLED else open_picture(image)
    if image_size:
        return fit(picture, image_size)
    pixels = np.asarray(picture).reshape(picture.height, picture.width, -1)
    if min(pixels.shape[:2]) < multiple:
        raise DataError(
            f"{image} has {picture.width}x{picture.height} pixels; at least "
            f"{multiple} a side are needed. Choose a smaller --depth."
        )
    for axis in (0, 1):
        excess = pixels.shape[axis] % multiple
        kept = range(excess // 2, pixels.shape[axis] - excess + excess // 2)
        pixels = pixels.take(kept, axis)
    return pixels


def open_picture(path: str) -> Image.Image:
    """Opens a picture file as `tfupsample.images.files.open_image` does.

    Raises:
        DataError: There is none, or it cannot be read.
    """
    try:
        return open_image(pathlib.Path(path).expanduser())
    except UnusableInput as error:
        raise DataError(
            f"{error} Give a picture file or one of {', '.join(BUNDLED)}."
        ) from error


def _bundled(name: str) -> Image.Image:
    try:
        from skimage import data
    except ImportError as error:
        raise DataError(
            f"The picture {name!r} comes with scikit-image: pip install "
            "scikit-image, or give the path of a picture."
        ) from error
    return Image.fromarray(getattr(data, name)())
