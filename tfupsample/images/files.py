"""Reads and writes picture files without losing size, colours or alpha."""

import os
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from tfupsample.errors import UnusableInput
from tfupsample.images.arrays import to_uint8

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_SAVE = {
    ".jpg": {"quality": 95},
    ".jpeg": {"quality": 95},
    ".webp": {"quality": 95},
}


class Picture(NamedTuple):
    """A picture in memory.

    Attributes:
        colours: float32 `(height, width, 3)` in [-1, 1].
        alpha: uint8 `(height, width)`, 0 for transparent; `None` if opaque.
    """

    colours: np.ndarray
    alpha: np.ndarray | None


def read(path):
    """Returns the `Picture` of a file, upright, whatever its mode.

    Raises:
        UnusableInput: if it is no readable picture, or one of more pixels than
            Pillow considers safe.
    """
    try:
        with Image.open(path) as file:
            image = ImageOps.exif_transpose(file)
        alpha = None
        if image.has_transparency_data:
            image = image.convert("RGBA")
            alpha = np.asarray(image.getchannel("A"))
        colours = np.asarray(_eight_bits(image).convert("RGB"), "float32")
    # A damaged file can raise nearly anything inside the decoders.
    except Exception as error:
        raise UnusableInput(f"{path} cannot be read: {error}") from error
    return Picture(colours / 127.5 - 1, alpha)


def _eight_bits(image):
    """Pillow would clip 16-bit grey at 255 rather than scale it."""
    if not image.mode.startswith("I"):
        return image
    grey = np.asarray(image).astype("float32") / 257
    return Image.fromarray(np.round(grey).astype("uint8"))


def write(path, picture):
    """Writes a `Picture`, all or nothing; its alpha fits to its size.

    Args:
        path: A `pathlib.Path` with a suffix of `SUFFIXES`; what is transparent
            becomes white in a JPEG.
        picture: The `Picture`.

    Raises:
        UnusableInput: if it cannot be written there.
    """
    check_suffix(path)
    suffix = path.suffix.lower()
    image = Image.fromarray(to_uint8(picture.colours))
    if picture.alpha is not None:
        alpha = Image.fromarray(picture.alpha)
        image.putalpha(alpha.resize(image.size, Image.Resampling.BICUBIC))
    if image.mode == "RGBA" and suffix in (".jpg", ".jpeg"):
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    partial = path.with_name(f".partial-{path.name}")
    try:
        image.save(partial, **_SAVE.get(suffix, {}))
        os.replace(partial, path)
    except OSError as error:
        raise UnusableInput(f"{path} cannot be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def check_suffix(path):
    """Raises `UnusableInput` unless a path names a PNG, JPEG or WebP file."""
    if path.suffix.lower() not in SUFFIXES:
        raise UnusableInput(
            f"A picture must end in {', '.join(SUFFIXES)}. Received: {path}"
        )
