"""Photographs in their own size, to take crops from."""

import os
import pathlib

import numpy as np

from train.data.folder import list_pictures, open_rgb, spread, warn
from train.data.images import MAX_BYTES, DataError
from train.data.load import load_images


def load_photographs(
    dataset: str, image_size: int, data_dir: str = "", max_images: int = 0
) -> list[np.ndarray]:
    """Loads the pictures of a folder in their own size, or a data set.

    Args:
        dataset: As for `load_images`.
        image_size: Side of the pictures of a data set that is no folder, in
            pixels.
        data_dir: As for `load_images`.
        max_images: Take at most this many; 0 takes all.

    Returns:
        uint8 arrays `(height, width, 3)`; grey ones become colour.

    Raises:
        DataError: The pictures cannot be loaded.
    """
    if dataset == "folder":
        return read_pictures(os.path.expanduser(data_dir), max_images)
    images = load_images(dataset, image_size, data_dir, max_images).images
    return list(images.repeat(3 // images.shape[-1], axis=-1))


def centre(picture: np.ndarray, size: int) -> np.ndarray:
    """Returns the central square with sides of `size` pixels."""
    row, column = ((n - size) // 2 for n in picture.shape[:2])
    return picture[row : row + size, column : column + size]


def read_picture(path: pathlib.Path) -> np.ndarray:
    """Reads a picture as `open_rgb` does: uint8 `(height, width, 3)`."""
    return np.asarray(open_rgb(path))


def read_pictures(folder: str, max_images: int = 0) -> list[np.ndarray]:
    """Reads the pictures of a folder and its subfolders, each in its own size.

    Files that cannot be read are left out with a warning.

    Args:
        folder: The folder.
        max_images: Take at most this many, spread evenly; 0 takes all.

    Returns:
        uint8 arrays `(height, width, 3)`, sorted by path.

    Raises:
        DataError: There is no such folder, no readable picture in it, or they
            would take more than `MAX_BYTES`.
    """
    paths = list_pictures(pathlib.Path(folder), given=folder)
    pictures, left_out, size = [], [], 0
    for index in spread(len(paths), max_images):
        try:
            pictures.append(read_picture(paths[index]))
        except DataError:
            left_out.append(paths[index].name)
            continue
        size += pictures[-1].nbytes
        if size > MAX_BYTES:
            raise DataError(
                f"The pictures in {folder!r} take more than "
                f"{MAX_BYTES / 1e9:.0f} GB of memory: set --max_images to at "
                f"most {len(pictures) - 1}."
            )
    if not pictures:
        raise DataError(f"None of the pictures in {folder!r} can be read.")
    if left_out:
        warn(tuple(left_out))
    return pictures
