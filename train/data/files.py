"""Pictures that stay in their files and are read when they are needed."""

import concurrent.futures
import dataclasses
import functools
import itertools
import os
import pathlib
import typing

import numpy as np
from absl import logging
from PIL import Image

from tfupsample.errors import UnusableInput
from tfupsample.images.files import open_image, upright_size
from tfupsample.printable import printable
from train.data.images import DataError, fit


class FileImages:
    """Pictures of one size that are read each time they are asked for.

    It stands for a uint8 array of the same shape: indexing reads. A file that
    cannot be read gives way to the next one of its folder, whose label is the
    same, with a warning.

    Args:
        root: The folder of the pictures.
        names: Their paths below it, as an array of objects.
        image_size: Side in pixels to crop and resize to.

    Attributes:
        shape: `(len(names), image_size, image_size, 3)`.
    """

    def __init__(self, root: pathlib.Path, names: np.ndarray, image_size: int):
        self.root, self.names = root, names
        self.shape = (len(names), image_size, image_size, 3)
        self._warned: set[str] = set()

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        """Reads the pictures that an array of numpy would return."""
        chosen = np.arange(len(self))[rows]
        images = np.empty((len(chosen), *self.shape[1:]), np.uint8)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for image, pixels in zip(images, pool.map(self._read, chosen)):
                image[:] = pixels
        return images

    def _read(self, row: int) -> np.ndarray:
        folder = os.path.dirname(self.names[row])
        for name in itertools.chain(self.names[row:], self.names[:row]):
            if os.path.dirname(name) == folder:
                try:
                    return fit(open_rgb(self.root / name), self.shape[1])
                except DataError as error:
                    self._warn(name, error)
        raise DataError(f"None of the pictures in {folder!r} can be read.")

    def _warn(self, name: str, error: DataError) -> None:
        if name not in self._warned:
            self._warned.add(name)
            logging.warning(
                "The next picture of its folder takes the place of one: %s",
                printable(str(error)),
            )


@dataclasses.dataclass(frozen=True)
class PictureFile:
    """A picture of which a part is read each time that it is asked for.

    It stands for a uint8 array of its shape: indexing reads.

    Attributes:
        root: The folder of the pictures.
        name: Its path below it.
        shape: `(height, width, 3)`; less than the file has leaves out its
            right and lower border.
    """

    root: pathlib.Path
    name: str
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, root: pathlib.Path, path: pathlib.Path) -> "PictureFile":
        """Returns the whole picture in a file, of which it reads the size.

        Raises:
            DataError: The file is no picture.
        """
        try:
            size = upright_size(path)
        except UnusableInput as error:
            raise DataError(str(error)) from error
        return cls(root, str(path.relative_to(root)), (*size, 3))

    def __getitem__(self, key: typing.Any) -> np.ndarray:
        """Reads the part that an array of numpy would return."""
        height, width, _ = self.shape
        return decoded(self.root / self.name)[:height, :width][key]


@functools.lru_cache(maxsize=8)
def decoded(path: pathlib.Path) -> np.ndarray:
    """Reads a picture; both resolutions of a crop ask for it in turn."""
    return np.asarray(open_rgb(path))


def only(
    images: np.ndarray | FileImages, which: np.ndarray
) -> np.ndarray | FileImages:
    """Returns the images at which a mask is true; reads none."""
    if isinstance(images, FileImages):
        return FileImages(images.root, images.names[which], images.shape[1])
    return images[which]


def identities(pictures: typing.Sequence | FileImages) -> list[np.ndarray]:
    """Returns an array for each picture by which it is known again.

    These are its pixels or, if they stay in a file, the name and the size of
    that file. Those are there at once, survive a copy of the folder as times
    would not, and miss only an edit that keeps the size of its file.

    Args:
        pictures: Arrays or `PictureFile`s, or `FileImages`.
    """
    if isinstance(pictures, FileImages):
        return [identity(pictures.root, name) for name in pictures.names]
    return [
        identity(picture.root, picture.name)
        if isinstance(picture, PictureFile)
        else picture
        for picture in pictures
    ]


def identity(root: pathlib.Path, name: str) -> np.ndarray:
    """Returns the name and size of a file as an array of bytes."""
    size = (root / name).stat().st_size
    return np.frombuffer(os.fsencode(f"{name}\0{size}"), np.uint8)


def open_rgb(path: pathlib.Path) -> Image.Image:
    """Opens a picture upright, in colour, on white.

    Raises:
        DataError: The file cannot be read.
    """
    try:
        return open_image(path).convert("RGB")
    except UnusableInput as error:
        raise DataError(str(error)) from error
