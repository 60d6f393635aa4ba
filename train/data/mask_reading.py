"""Reads pictures and masks of a prepared dataset into memory."""

import pathlib

import numpy as np
import tensorflow_datasets as tfds

from train.data.images import DataError, allocate
from train.data.masks import fit_mask, numbered
from train.data.prepare import quiet
from train.data.reading import (
    count_examples,
    damaged,
    fit_array,
    image_channels,
    open_prepared,
)

MASK = "segmentation_mask"


def mask_feature(builder: tfds.core.DatasetBuilder) -> tfds.features.Image:
    """Returns the feature of the masks, checking its kind."""
    feature = dict(builder.info.features.items()).get(MASK)
    if (
        not isinstance(feature, tfds.features.Image)
        or feature.np_dtype != np.uint8
        or feature.shape[-1] != 1
    ):
        raise DataError(
            f"Dataset {builder.name!r} must have a feature {MASK!r} of 8-bit "
            f"pictures with 1 channel, received {feature}: use "
            "--dataset=scenes, solids or folder."
        )
    return feature


def read_masked(
    directory: pathlib.Path, image_size: int, max_images: int, split: str
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Reads the features "image" and "segmentation_mask".

    Masks that count their classes from 1, as those of oxford_iiit_pet do, are
    counted from 0.

    Args:
        directory: The directory of the prepared data.
        image_size: Side in pixels to crop and resize to.
        max_images: Take at most this many; 0 takes all.
        split: Name of the split.

    Returns:
        Pictures `(n, image_size, image_size, channels)` and masks
        `(n, image_size, image_size)`, uint8, and the names of the classes.

    Raises:
        DataError: As `read_images`, or the masks are not of the expected kind.
    """
    import tensorflow as tf

    builder = open_prepared(directory)
    feature = mask_feature(builder)
    count = count_examples(builder, split)
    count = min(count, max_images or count)
    images = allocate(count, image_size, image_channels(builder))
    masks = allocate(count, image_size, 1)[..., 0]
    wanted = {"image": True, MASK: True}
    try:
        with quiet():
            dataset = builder.as_dataset(
                split=split,
                decoders=tfds.decode.PartialDecoding(wanted),
                read_config=tfds.ReadConfig(try_autocache=False),
            ).take(count)
            for row, example in enumerate(dataset.as_numpy_iterator()):
                images[row] = fit_array(example["image"], image_size)
                masks[row] = fit_mask(example[MASK][..., 0], image_size)
    except tf.errors.OpError as error:
        raise damaged(builder.data_dir, error) from error
    return images, *named(masks, feature)


def named(
    masks: np.ndarray, feature: tfds.features.Image
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Returns masks that count from 0, and the names of their classes."""
    names = getattr(feature, "names", None)
    if names:
        return masks, tuple(names)
    if masks.min() == 1:
        masks = masks - 1
    return masks, numbered(masks)
