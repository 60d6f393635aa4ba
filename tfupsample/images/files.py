"""Reads and writes picture files without losing size, colours or alpha."""

import os
import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from tfupsample.errors import UnusableInput
from tfupsample.images.arrays import to_uint8
from tfupsample.model_files.atomic import new_path

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
"""The suffixes of picture files, in lower case."""

FORMATS = "PNG, JPEG, WebP or BMP"
"""The formats of `SUFFIXES`, for messages."""

_T = TypeVar("_T")
_WITHOUT_ALPHA = (".jpg", ".jpeg", ".bmp")
_SAVE = {suffix: {"quality": 95} for suffix in (".jpg", ".jpeg", ".webp")}


class Picture(NamedTuple):
    """A picture in memory.

    Attributes:
        colours: float32 `(height, width, 3)` in [-1, 1].
        alpha: uint8 `(height, width)`, 0 for transparent; `None` if opaque.
    """

    colours: np.ndarray
    alpha: np.ndarray | None

    def on_white(self) -> np.ndarray:
        """Returns the colours as they look on white paper."""
        if self.alpha is None:
            return self.colours
        opacity = self.alpha[..., None].astype("float32") / 255
        return opacity * (self.colours - 1) + 1


def list_pictures(folder: str | os.PathLike) -> list[pathlib.Path]:
    """Lists the pictures in a folder and its subfolders, sorted by path.

    Only regular files count, by their suffix. Hidden files, and all files in
    hidden folders, are left out.
    """
    root = pathlib.Path(folder)
    return sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and not any(p.startswith(".") for p in path.relative_to(root).parts)
        and os.path.isfile(path)
    )


def read(path: str | os.PathLike) -> Picture:
    """Returns the `Picture` of a file, upright, whatever its mode.

    Grey pictures of 16 bits keep their precision.

    Raises:
        UnusableInput: if it is not a readable picture, or one of more pixels
            than Pillow considers safe.
    """
    image = _open_upright(path)
    if _is_deep(image):
        grey = np.asarray(image, "float32") / 32767.5 - 1
        return Picture(np.repeat(grey[..., None], 3, axis=-1), None)
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
    colours = np.asarray(image.convert("RGB"), "float32") / 127.5 - 1
    return Picture(colours, alpha)


def open_image(path: str | os.PathLike) -> Image.Image:
    """Returns a file as a Pillow image: upright, 8 bits, on white.

    Returns:
        An image in memory of mode `"L"` if the file is opaque and grey, else
        of mode `"RGB"`.

    Raises:
        UnusableInput: as for `read`.
    """
    image = _open_upright(path)
    if _is_deep(image):
        # Pillow would clip at 255 rather than scale.
        grey = np.asarray(image, "float32") / 257
        return Image.fromarray(np.rint(grey).astype("uint8"))
    if image.has_transparency_data:
        image = _on_white(image.convert("RGBA"))
    return image if image.mode == "L" else image.convert("RGB")


def upright_size(path: str | os.PathLike) -> tuple[int, int]:
    """Returns height and width of the upright picture; decodes no pixel.

    Raises:
        UnusableInput: if it is not a picture, or one of more pixels than
            Pillow considers safe.
    """
    return _with_file(path, _upright_size)


def write(path: pathlib.Path, picture: Picture) -> None:
    """Writes a `Picture`, all or nothing; its alpha is resized to its colours.

    Args:
        path: Where to write, with a suffix of `SUFFIXES`; formats without
            alpha show transparent parts white.
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
    if image.mode == "RGBA" and suffix in _WITHOUT_ALPHA:
        image = _on_white(image)
    try:
        save_image(path, image, **_SAVE.get(suffix, {}))
    except OSError as error:
        raise UnusableInput(f"{path} cannot be written: {error}") from error


def save_image(
    path: str | os.PathLike, image: Image.Image, **options: Any
) -> None:
    """Writes a Pillow image, all or nothing.

    Args:
        path: Where to write; its suffix names the format.
        image: The image.
        **options: Of `Image.save`.

    Raises:
        OSError: if it cannot be written there.
    """
    with new_path(path) as partial:
        image.save(partial, **options)


def check_suffix(path: pathlib.Path) -> None:
    """Raises `UnusableInput` unless a path has a suffix of `SUFFIXES`."""
    if path.suffix.lower() not in SUFFIXES:
        raise UnusableInput(
            f"A picture must end in {', '.join(SUFFIXES)}. Received: {path}"
        )


def _open_upright(path):
    """The decoded image, turned as its EXIF orientation says."""
    return _with_file(path, ImageOps.exif_transpose)


def _upright_size(image: Image.Image) -> tuple[int, int]:
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
    return image.size if turned else image.size[::-1]


def _with_file(path: str | os.PathLike, use: Callable[[Image.Image], _T]) -> _T:
    """What `use` makes of an open file; its errors become `UnusableInput`."""
    if not os.path.isfile(path):  # a pipe would be waited for
        if os.path.exists(path):
            raise UnusableInput(f"{path} is not a regular file.")
        raise UnusableInput(f"{path} does not exist.")
    try:
        with Image.open(path) as file:
            return use(file)
    except UnidentifiedImageError as error:
        raise UnusableInput(f"{path} is not a picture.") from error
    # A damaged file can raise nearly anything inside the decoders.
    except Exception as error:
        reason = getattr(error, "strerror", None) or error
        raise UnusableInput(f"{path} cannot be read: {reason}") from error


def _is_deep(image):
    """Whether an image is grey of 16 bits; Pillow reduces colour to 8."""
    return image.mode.startswith("I")


def _on_white(image):
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")
