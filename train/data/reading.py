"""Reads a prepared dataset into memory."""

import pathlib
import typing

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

from train.data.images import DataError, ImageData, allocate, fit
from train.data.prepare import quiet, reason

if typing.TYPE_CHECKING:
    import tensorflow as tf

READ_AT_ONCE = 256


def read_images(
    directory: pathlib.Path, image_size: int, max_images: int, split: str
) -> ImageData:
    """Reads the feature "image" and all single numbers beside it.

    Args:
        directory: The directory of the prepared data.
        image_size: Side in pixels to crop and resize to.
        max_images: Take at most this many; 0 takes all.
        split: Name of the split.

    Returns:
        The pictures; each numeric scalar feature becomes a label.

    Raises:
        DataError: The dataset has no such split, its pictures are not of the
            expected kind, they are too many, or the files are damaged.
    """
    builder = open_prepared(directory)
    channels = image_channels(builder)
    count = count_examples(builder, split)
    images = allocate(min(count, max_images or count), image_size, channels)
    with quiet():
        labels = read_into(images, builder, split)
    return ImageData(images, labels, classes=class_names(builder))


def open_prepared(directory: pathlib.Path) -> tfds.core.DatasetBuilder:
    """Opens prepared data by what their directory says about itself."""
    try:
        with quiet():
            return tfds.builder_from_directory(directory)
    # Whatever the damage, the way out is the same.
    except Exception as error:
        raise damaged(directory, error) from error


def damaged(directory: pathlib.Path | str, error: Exception) -> DataError:
    """Says what to do about prepared data that cannot be read."""
    return DataError(
        f"The prepared data in {directory} are damaged ({reason(error)}): "
        "delete that directory and run again to prepare them anew."
    )


def image_channels(builder: tfds.core.DatasetBuilder) -> int:
    """Returns the channels of the feature "image", checking its kind."""
    feature = dict(builder.info.features.items()).get("image")
    if (
        not isinstance(feature, tfds.features.Image)
        or feature.np_dtype != np.uint8
        or feature.shape[-1] not in (1, 3)
    ):
        raise DataError(
            f"Dataset {builder.name!r} must have a feature 'image' of 8-bit "
            f"pictures with 1 or 3 channels, received {feature}: choose "
            "another --dataset."
        )
    return feature.shape[-1]


def count_examples(builder: tfds.core.DatasetBuilder, split: str) -> int:
    """Returns the number of examples in a split."""
    if split not in builder.info.splits:
        raise DataError(
            f"split must be one of {sorted(builder.info.splits)} for dataset "
            f"{builder.name!r}, received {split!r}."
        )
    return builder.info.splits[split].num_examples


def read_into(
    images: np.ndarray, builder: tfds.core.DatasetBuilder, split: str
) -> dict[str, np.ndarray]:
    """Fills `images` from the start of a split and returns their labels."""
    import tensorflow as tf

    columns: dict[str, list] = {name: [] for name in label_names(builder)}
    dataset = examples(builder, split, ["image", *columns], images.shape[1])
    dataset = dataset.take(len(images)).batch(READ_AT_ONCE)
    done = 0
    try:
        for batch in dataset.as_numpy_iterator():
            pictures = batch.pop("image")
            images[done : done + len(pictures)] = pictures
            done += len(pictures)
            for name, values in batch.items():
                columns[name].append(values)
    except tf.errors.OpError as error:
        raise damaged(builder.data_dir, error) from error
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def examples(
    builder: tfds.core.DatasetBuilder,
    split: str,
    names: list[str],
    image_size: int,
) -> "tf.data.Dataset":
    """Serves the named features of a split, the pictures fitted to size."""
    import tensorflow as tf

    def fitted(example: dict) -> dict:
        # Pillow rather than TensorFlow: one way of resizing for all datasets.
        picture = tf.numpy_function(
            lambda pixels: fit_array(pixels, image_size),
            [example["image"]],
            tf.uint8,
        )
        return example | {"image": picture}

    dataset = builder.as_dataset(
        split=split,
        decoders=tfds.decode.PartialDecoding(dict.fromkeys(names, True)),
        read_config=tfds.ReadConfig(try_autocache=False),
    )
    if builder.info.features["image"].shape[:2] == (image_size, image_size):
        return dataset
    return dataset.map(fitted, tf.data.AUTOTUNE)


def label_names(builder: tfds.core.DatasetBuilder) -> list[str]:
    """Names the features that are single numbers."""
    return [
        name
        for name, feature in builder.info.features.items()
        if feature.shape == () and np.dtype(feature.np_dtype).kind in "biuf"
    ]


def class_names(
    builder: tfds.core.DatasetBuilder,
) -> dict[str, tuple[str, ...]]:
    """Returns the names of the classes of each label that counts classes."""
    return {
        name: tuple(feature.names)
        for name, feature in builder.info.features.items()
        if isinstance(feature, tfds.features.ClassLabel)
    }


def fit_array(pixels: np.ndarray, image_size: int) -> np.ndarray:
    """Does what `fit` does, for an array (height, width, channels)."""
    grey = pixels.shape[-1] == 1
    picture = Image.fromarray(pixels[..., 0] if grey else pixels)
    return fit(picture, image_size)
