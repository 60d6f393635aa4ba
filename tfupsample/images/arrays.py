"""Arrays of images as pixels, grids and Pillow images."""

import math

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from tfupsample.arguments import finite_array, integer, positive_integer


def to_uint8(images: ArrayLike) -> np.ndarray:
    """Returns images in [-1, 1] as uint8 in 0..255.

    Raises:
        ValueError: if some value is NaN.
    """
    scaled = (np.asarray(images, "float32") + 1) * 127.5
    if np.isnan(scaled).any():
        raise ValueError("`images` must be numbers. Received: NaN among them")
    return np.clip(np.rint(scaled), 0, 255).astype("uint8")


def from_uint8(images: ArrayLike) -> np.ndarray:
    """Returns images in 0..255 as float32 in [-1, 1]."""
    return np.asarray(images, "float32") / 127.5 - 1


def grid(images: ArrayLike, columns: int | None = None) -> np.ndarray:
    """Returns images side by side as one `(height, width, channels)` array.

    Args:
        images: `(batch, height, width, channels)`, any dtype.
        columns: Images in each row; by default the grid is about square.

    Raises:
        ValueError: for another shape, no images, or values that are not finite.
    """
    finite_array("images", images)
    images = np.asarray(images)
    if columns is None:
        columns = math.ceil(math.sqrt(len(images)))
    columns = positive_integer("columns", columns)
    missing = -len(images) % columns
    images = np.concatenate([images, np.zeros_like(images[:1])[[0] * missing]])
    batch, height, width, channels = images.shape
    rows = images.reshape(-1, columns, height, width, channels)
    return rows.transpose(0, 2, 1, 3, 4).reshape(
        batch // columns * height, columns * width, channels
    )


def picture(array: np.ndarray, zoom: int = 1) -> Image.Image:
    """Returns a Pillow image of a uint8 `(height, width, 1 or 3)` array.

    Args:
        array: The pixels.
        zoom: Each pixel becomes a square of this side, 1 to 64.

    Raises:
        ValueError: for another array or zoom.
    """
    finite_array("array", array, ("height", "width", "channels"))
    array = np.asarray(array)
    zoom = integer("zoom", zoom, 1, 64)
    if array.shape[-1] not in (1, 3):
        raise ValueError(
            "`array` must have the shape (height, width, 1 or 3). "
            f"Received: {array.shape}"
        )
    if array.dtype != "uint8":
        raise ValueError(
            "`array` must be uint8, as `to_uint8` makes it. "
            f"Received: {array.dtype}"
        )
    image = Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)
    return image.resize(
        (zoom * image.width, zoom * image.height), Image.Resampling.NEAREST
    )
