"""Datasets by their TensorFlow Datasets name."""

import difflib

import tensorflow_datasets as tfds

from train.data.images import DataError
from train.data.prepare import quiet, reason
from train.data.reading import image_channels


def named_builder(name: str, data_dir: str) -> tfds.core.DatasetBuilder:
    """Finds a dataset by name, among the prepared and the known ones.

    Args:
        name: A name such as "mnist" or "celeb_a", perhaps with a configuration
            ("name/config").
        data_dir: The TensorFlow Datasets directory; empty for the default.

    Returns:
        Its builder; nothing is downloaded yet.

    Raises:
        DataError: The name is unknown, the dataset cannot be set up
            here, or it has no pictures.
    """
    try:
        with quiet():
            builder = tfds.builder(name, data_dir=data_dir or None)
    except tfds.core.DatasetNotFoundError as error:
        raise DataError(
            f"Unknown dataset {name!r}{near(name)}: use --dataset=shapes, "
            "digits, photos, folder or a TensorFlow Datasets name."
        ) from error
    # A malformed name, an unknown configuration or a missing package.
    except Exception as error:
        raise DataError(
            f"Dataset {name!r} cannot be used here ({reason(error)}): use "
            "--dataset=shapes or --dataset=folder instead."
        ) from error
    # Before a long download rather than after it.
    image_channels(builder)
    return builder


def near(name: str) -> str:
    """Returns a remark with the known names closest to `name`, if any."""
    with quiet():
        own = "shapes", "scenes", "digits", "photos", "folder"
        known = {*own, *tfds.list_builders()}
    close = difflib.get_close_matches(name, known)
    return f" (near: {', '.join(close)})" if close else ""
