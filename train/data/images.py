"""Pictures in memory: how they are held, cropped and resized."""

import dataclasses
import os
import typing

import numpy as np
from PIL import Image

if typing.TYPE_CHECKING:
    from train.data.files import FileImages

MAX_BYTES = 8 * 10**9


class DataError(Exception):
    """Data cannot be used; the message says why and what to do next."""


@dataclasses.dataclass(frozen=True, eq=False)
class ImageData:
    """Pictures, with what is known about them.

    Attributes:
        images: uint8, shape (n, size, size, channels), 1 or 3 channels: an
            array, or `FileImages` that stay in their files.
        labels: Label name to array of shape (n,); empty where none are known.
        left_out: Names of the files that could not be read.
        classes: Label name to the names of the classes that it counts; only
            labels that count classes.
    """

    images: "np.ndarray | FileImages"
    labels: dict[str, np.ndarray]
    left_out: tuple[str, ...] = ()
    classes: dict[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )


def memory_limit() -> int:
    """Returns how many bytes of pictures are held rather than read anew.

    It is half the memory of this machine, and at most `MAX_BYTES`.
    """
    if not hasattr(os, "sysconf"):  # on Windows
        return MAX_BYTES
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(memory // 2, MAX_BYTES)


def allocate(count: int, image_size: int, channels: int) -> np.ndarray:
    """Returns room for `count` pictures.

    Args:
        count: How many pictures.
        image_size: Side in pixels.
        channels: 1 or 3.

    Returns:
        An uninitialised uint8 array (count, image_size, image_size, channels).

    Raises:
        DataError: The pictures would take more than `MAX_BYTES`.
    """
    each = image_size * image_size * channels
    if count * each > MAX_BYTES:
        raise DataError(
            f"{count:,} pictures of {image_size}x{image_size} pixels would "
            f"take {count * each / 1e9:.1f} GB of memory, the limit is "
            f"{MAX_BYTES / 1e9:.0f} GB: set --max_images to at most "
            f"{MAX_BYTES // each}."
        )
    return np.empty((count, image_size, image_size, channels), np.uint8)


def fit(
    picture: Image.Image,
    image_size: int,
    resample: Image.Resampling = Image.Resampling.LANCZOS,
) -> np.ndarray:
    """Crops the central square and resizes it.

    Args:
        picture: A grey (mode L) or colour (mode RGB) picture.
        image_size: Side of the result in pixels.
        resample: How to resize.

    Returns:
        A uint8 array (image_size, image_size, channels); a picture that
        already has this size comes back unchanged.
    """
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    resized = square.resize((image_size, image_size), resample)
    return np.asarray(resized).reshape(image_size, image_size, -1)
