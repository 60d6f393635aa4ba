"""Pictures from a folder of files."""

import concurrent.futures
import pathlib

import numpy as np
from absl import logging

from tfupsample.images.files import FORMATS
from tfupsample.images.files import list_pictures as picture_files
from tfupsample.printable import printable
from train.data.files import FileImages, open_rgb
from train.data.images import (
    DataError,
    ImageData,
    allocate,
    fit,
    memory_limit,
)


def read_folder(
    folder: str, image_size: int, max_images: int, stream: bool = False
) -> ImageData:
    """Reads the pictures of a folder and its subfolders, sorted by path.

    Orientation tags are honoured, grey pictures become colour, transparent
    parts become white. Files that cannot be read are left out with a warning.

    Args:
        folder: The folder.
        image_size: Side in pixels to crop and resize to.
        max_images: Take at most this many, spread evenly over the files; 0
            takes all.
        stream: Leave the pictures in their files, as `FileImages`, where they
            would take more than `memory_limit()`.

    Returns:
        Colour pictures. Where every picture lies in a subfolder directly
        below `folder`, the label "label" counts the sorted subfolders.

    Raises:
        DataError: There is no such folder or no readable picture in it.
    """
    root = pathlib.Path(folder)
    paths = list_pictures(root, given=folder)
    labels, classes = class_labels(root, paths)
    chosen = spread(len(paths), max_images)
    if stream and streams(len(chosen), image_size):
        names = [str(paths[i].relative_to(root)) for i in chosen]
        return ImageData(
            FileImages(root, np.array(names, object), image_size),
            {name: of[chosen] for name, of in labels.items()},
            classes=classes,
        )
    images, readable = read_all([paths[i] for i in chosen], image_size)
    left_out = tuple(str(paths[i].relative_to(root)) for i in chosen[~readable])
    if len(left_out) == len(chosen):
        raise DataError(
            f"None of the {len(chosen)} pictures tried in {folder!r} can be "
            f"read, {left_out[0]!r} for one: name a folder of intact "
            f"{FORMATS} files with --data_dir."
        )
    if left_out:
        warn(left_out)
        images = images[readable]
    kept = chosen[readable]
    return ImageData(
        images,
        {name: of[kept] for name, of in labels.items()},
        left_out,
        classes,
    )


def streams(count: int, image_size: int) -> bool:
    """Returns, and says, whether pictures are too many to be held in memory."""
    size = count * image_size * image_size * 3
    if size <= memory_limit():
        return False
    print(
        f"{count:,} pictures of {image_size}x{image_size} pixels would take "
        f"{size / 1e9:.1f} GB of memory, so each is read from its file "
        "whenever it is needed."
    )
    return True


def list_pictures(root: pathlib.Path, given: str) -> list[pathlib.Path]:
    """Lists the picture files below `root`, sorted by path."""
    if not given or not root.is_dir():
        raise DataError(
            f"--data_dir must name an existing folder of pictures, received "
            f"{given!r}."
        )
    paths = picture_files(root)
    if not paths:
        raise DataError(
            f"There are no {FORMATS} files in {given!r}: name a folder that "
            "has some with --data_dir."
        )
    return paths


def class_labels(
    root: pathlib.Path, paths: list[pathlib.Path]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """Labels pictures by subfolder if each lies exactly one level deep.

    Returns:
        The labels, and the names of the subfolders that they count.
    """
    if any(path.parent.parent != root for path in paths):
        return {}, {}
    folders = [path.parent.name for path in paths]
    names, labels = np.unique(folders, return_inverse=True)
    return {"label": labels}, {"label": tuple(names.tolist())}


def spread(count: int, max_images: int) -> np.ndarray:
    """Picks at most `max_images` (0: all) of `count` indices, spread evenly.

    The first ones alone would be the pictures of the first class only.
    """
    wanted = min(count, max_images or count)
    return np.arange(wanted) * count // wanted


def read_all(
    paths: list[pathlib.Path], image_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Reads files; returns the pictures and which of them are readable."""
    images = allocate(len(paths), image_size, channels=3)

    def read(index: int) -> bool:
        try:
            images[index] = fit(open_rgb(paths[index]), image_size)
        except DataError:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor() as pool:
        readable = np.fromiter(pool.map(read, range(len(paths))), bool)
    return images, readable


def warn(left_out: tuple[str, ...]) -> None:
    """Logs how many files were left out and the first few names."""
    more = ", ..." if len(left_out) > 3 else ""
    logging.warning(
        "%d unreadable pictures left out: %s",
        len(left_out),
        printable(", ".join(left_out[:3])) + more,
    )
