"""Pictures whose every pixel has a class, in memory and in batches."""

import dataclasses
import os
import typing

import numpy as np

from train.data.augment import Augmentation
from train.data.load import find_builder
from train.data.pipeline import batches

if typing.TYPE_CHECKING:
    import tensorflow as tf


@dataclasses.dataclass(frozen=True, eq=False)
class Masked:
    """Pictures or volumes with their masks.

    Attributes:
        images: uint8 `(n, *sizes, channels)`.
        masks: uint8 `(n, *sizes)`: indices in `classes`, or 255 for
            none (`tfupsample.images.masks.VOID`).
        classes: The names of the classes.
    """

    images: np.ndarray
    masks: np.ndarray
    classes: tuple[str, ...]

    def only(self, which: np.ndarray) -> "Masked":
        """Returns those at which a mask over the pictures is true."""
        return Masked(self.images[which], self.masks[which], self.classes)


def load_masked(
    dataset: str, image_size: int, data_dir: str, max_images: int, split: str
) -> Masked:
    """Loads pictures and masks, cropped to their central square and resized.

    Args:
        dataset: "scenes", "solids" (volumes) or the TensorFlow Datasets name of
            pictures with a feature "segmentation_mask".
        image_size: Side in pixels.
        data_dir: The TensorFlow Datasets directory, as for `load_images`.
        max_images: Take at most this many; 0 takes all.
        split: Which part, "train" or "test".

    Raises:
        DataError: They cannot be had; the message says what to do.
    """
    if dataset == "solids":
        from train.data.solids import CLASSES, SPLITS, solids

        count = min(SPLITS[split], max_images or SPLITS[split])
        return Masked(*solids(image_size, split, count), CLASSES)
    from train.data.mask_reading import mask_feature, read_masked
    from train.data.prepare import prepare

    builder = find_builder(dataset, image_size, os.path.expanduser(data_dir))
    mask_feature(builder)  # before a long download rather than after it
    found = read_masked(prepare(builder), image_size, max_images, split)
    return Masked(*found)


@dataclasses.dataclass(frozen=True)
class MaskedAugmentation:
    """Changes pictures, and moves their masks alike.

    Attributes:
        shape: Moves both; it changes no colours.
        colour: Changes the pictures alone.
    """

    shape: Augmentation
    colour: Augmentation

    def __call__(
        self, joined: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Returns changed pictures, whose last channel is the mask."""
        moved = self.shape(joined, rng)
        images = self.colour(moved[..., :-1], rng)
        return np.concatenate([images, moved[..., -1:]], axis=-1)


def masked_batches(
    data: Masked,
    batch_size: int,
    seed: int,
    first_epoch: int,
    last_epoch: int,
    augment: MaskedAugmentation,
    skip: int = 0,
) -> "tf.data.Dataset":
    """Serves pictures with masks in the order of `batches`; see there.

    Returns:
        A dataset of pairs: float32 `(batch_size, *sizes, channels)` in [-1, 1],
        and int32 masks `(batch_size, *sizes)`.
    """
    import tensorflow as tf

    joined = np.concatenate([data.images, data.masks[..., None]], axis=-1)

    def parted(pixels):
        masks = tf.round((pixels[..., -1] + 1.0) * 127.5)
        return pixels[..., :-1], tf.cast(masks, tf.int32)

    return batches(
        joined,
        batch_size,
        seed,
        first_epoch,
        last_epoch,
        augment=augment,
        skip=skip,
    ).map(parted)
