"""Pictures and masks from the files of a folder."""

import os
import pathlib

import numpy as np
from PIL import Image

from tfupsample.images.masks import VOID
from train.data.files import open_rgb
from train.data.folder import list_pictures, spread
from train.data.images import DataError, allocate, fit
from train.data.masked import Masked
from train.data.masks import fit_mask, numbered

_MODES = ("L", "P", "1")  # of files with one number in every pixel


def read_masked_folder(
    folder: str, image_size: int, max_images: int, classes: int
) -> Masked:
    """Reads the pictures in `images/` with their masks in `masks/`, by path.

    The mask of `images/a/b.jpg` is `masks/a/b.png`, of the same size: 8 bits,
    grey or with a palette, whose numbers are classes from 0, and `VOID` none.

    Args:
        folder: The folder with both.
        image_size: Side in pixels to crop and resize to.
        max_images: Take at most this many, spread evenly; 0 takes all.
        classes: Number of classes; 0: all that the masks have.

    Raises:
        DataError: Something is missing, cannot be read or does not fit; the
            message names it.
    """
    root = pathlib.Path(os.path.expanduser(folder))
    if not (root / "masks").is_dir():
        raise DataError(
            "--data_dir must name a folder with the subfolders images and "
            f"masks, received {folder!r}."
        )
    paths = list_pictures(root / "images", str(root / "images"))
    paths = [paths[i] for i in spread(len(paths), max_images)]
    images = allocate(len(paths), image_size, 3)
    masks = allocate(len(paths), image_size, 1)[..., 0]
    for row, path in enumerate(paths):
        name = path.relative_to(root / "images").with_suffix(".png")
        image, mask = _read_pair(path, root / "masks" / name, classes)
        images[row] = fit(image, image_size)
        masks[row] = fit_mask(mask, image_size)
    _refuse_gaps(masks, classes)
    names = tuple(f"class {i}" for i in range(classes))
    return Masked(images, masks, names or numbered(masks))


def _read_pair(path, mask_path, classes):
    """Returns a Pillow image and a mask, uint8 `(height, width)`."""
    image, mask = open_rgb(path), read_mask(mask_path)
    if image.size != mask.shape[::-1]:
        raise DataError(
            f"{mask_path} must have {image.width}x{image.height} pixels, as "
            f"{path} has. Received: {mask.shape[1]}x{mask.shape[0]}."
        )
    most = mask[mask != VOID].max(initial=0)
    if classes and most >= classes:
        raise DataError(
            f"{mask_path} must hold classes from 0 to {classes - 1}, or {VOID} "
            f"for none, as --classes={classes}. Received: {most}."
        )
    return image, mask


def read_mask(path: pathlib.Path) -> np.ndarray:
    """Reads a mask: uint8 `(height, width)`.

    Raises:
        DataError: There is none, or not one number in every pixel.
    """
    if not path.is_file():
        raise DataError(f"There is no mask {path}.")
    try:
        with Image.open(path) as picture:
            mode, mask = picture.mode, np.asarray(picture)
    # Pillow has an error for every kind of damage.
    except Exception as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    if mode not in _MODES:
        raise DataError(
            f"{path} must hold a class in every pixel: 8 bits, grey or with a "
            f"palette. Received: mode {mode}."
        )
    return mask.astype(np.uint8)


def _refuse_gaps(masks, classes):
    """Refuses masks of grey levels, such as 0 and 128, as classes."""
    found = np.unique(masks[masks != VOID])
    if not classes and found.size and found[-1] >= len(found):
        raise DataError(
            f"The masks hold {found[:8].tolist()}, which leaves classes out: "
            "count classes from 0, or say with --classes how many there are."
        )
