"""Photographs in their own size, to take crops from."""

import math
import os
import pathlib
import typing

import numpy as np

from train.data.files import PictureFile, open_rgb
from train.data.folder import list_pictures, spread, warn
from train.data.images import DataError, memory_limit
from train.data.load import load_images


def load_photographs(
    dataset: str, image_size: int, data_dir: str = "", max_images: int = 0
) -> list[np.ndarray] | list[PictureFile]:
    """Loads the pictures of a folder in their own size, or a data set.

    Args:
        dataset: As for `load_images`.
        image_size: Side of the pictures of a data set that is no folder, in
            pixels.
        data_dir: As for `load_images`.
        max_images: Take at most this many; 0 takes all.

    Returns:
        uint8 arrays `(height, width, 3)`; grey ones become colour. Pictures of
        a folder that would not fit in memory are `PictureFile`s.

    Raises:
        DataError: The pictures cannot be loaded.
    """
    if dataset == "folder":
        return read_pictures(os.path.expanduser(data_dir), max_images)
    images = load_images(dataset, image_size, data_dir, max_images).images[:]
    return list(images.repeat(3 // images.shape[-1], axis=-1))


def centre(picture: np.ndarray | PictureFile, size: int) -> np.ndarray:
    """Returns the central square with sides of `size` pixels."""
    row, column = ((n - size) // 2 for n in picture.shape[:2])
    return picture[row : row + size, column : column + size]


def read_picture(path: pathlib.Path) -> np.ndarray:
    """Reads a picture as `open_rgb` does: uint8 `(height, width, 3)`."""
    return np.asarray(open_rgb(path))


def read_pictures(
    folder: str, max_images: int = 0
) -> list[np.ndarray] | list[PictureFile]:
    """Reads the pictures of a folder and its subfolders, each in its own size.

    Files that cannot be read are left out with a warning.

    Args:
        folder: The folder.
        max_images: Take at most this many, spread evenly; 0 takes all.

    Returns:
        uint8 arrays `(height, width, 3)`, sorted by path; `PictureFile`s where
        they would take more than `memory_limit()`.

    Raises:
        DataError: There is no such folder, or no readable picture in it.
    """
    root = pathlib.Path(folder)
    paths = list_pictures(root, given=folder)
    chosen = [paths[i] for i in spread(len(paths), max_images)]
    files, left_out = attempt(lambda path: PictureFile.of(root, path), chosen)
    size = sum(math.prod(file.shape) for file in files)
    pictures = files
    if size > memory_limit():
        print(
            f"The {len(files):,} pictures in {folder!r} would take "
            f"{size / 1e9:.1f} GB of memory, so each is read from its file "
            "whenever it is needed."
        )
    else:
        pictures, damaged = attempt(
            lambda f: read_picture(root / f.name), files
        )
        left_out += damaged
    if not pictures:
        raise DataError(f"None of the pictures in {folder!r} can be read.")
    if left_out:
        warn(tuple(left_out))
    return pictures


def attempt(
    read: typing.Callable, sources: typing.Sequence
) -> tuple[list, list[str]]:
    """Reads what can be read.

    Args:
        read: A function of a source that may raise a `DataError`.
        sources: Objects with a name.

    Returns:
        What `read` returns, and the names of the sources where it fails.
    """
    results, failed = [], []
    for source in sources:
        try:
            results.append(read(source))
        except DataError:
            failed.append(source.name)
    return results, failed
