"""Images to picture files."""

import math

import numpy as np
from PIL import Image


def to_uint8(images):
    """Returns images in [-1, 1] as uint8 in 0..255."""
    scaled = (np.asarray(images, "float32") + 1) * 127.5
    return np.clip(np.rint(scaled), 0, 255).astype("uint8")


def grid(images, columns=None):
    """Returns images side by side as one `(height, width, channels)` array.

    Args:
        images: `(batch, height, width, channels)`, any dtype.
        columns: Images a row; a square by default.
    """
    images = np.asarray(images)
    columns = columns or math.ceil(math.sqrt(len(images)))
    missing = -len(images) % columns
    images = np.concatenate([images, np.zeros_like(images[:1])[[0] * missing]])
    batch, height, width, channels = images.shape
    rows = images.reshape(-1, columns, height, width, channels)
    return rows.transpose(0, 2, 1, 3, 4).reshape(
        batch // columns * height, columns * width, channels
    )


def picture(array, zoom=1):
    """Returns a Pillow image of a uint8 `(height, width, 1 or 3)` array."""
    image = Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)
    return image.resize(
        (zoom * image.width, zoom * image.height), Image.Resampling.NEAREST
    )
