"""Loads a dataset by name."""

import os
import typing

from train.data.images import DataError, ImageData

if typing.TYPE_CHECKING:
    import tensorflow_datasets as tfds


def load_images(
    dataset: str,
    image_size: int,
    data_dir: str = "",
    max_images: int = 0,
    split: str = "train",
    stream: bool = False,
) -> ImageData:
    """Loads pictures, preparing the dataset on disk if it is not there yet.

    Pictures of another size are cropped to their central square and resized.

    Args:
        dataset: "shapes" or "scenes" (drawn here), "digits" (from
            scikit-learn), "photos" (crops of photographs of scikit-image and
            scikit-learn), "folder" (your own pictures) or another TensorFlow
            Datasets name.
        image_size: Side in pixels, at least 1.
        data_dir: For "folder" the folder; otherwise the TensorFlow Datasets
            directory, empty for its default, which honours TFDS_DATA_DIR.
        max_images: Take at most this many; 0 takes all.
        split: Which part; a folder has "train" only.
        stream: Whether the pictures of a folder may stay in their files, as
            `FileImages`; they do where they would not fit in memory.

    Returns:
        The pictures and their labels, always in the same order.

    Raises:
        DataError: The pictures cannot be had; the message says what to do.
    """
    if image_size < 1:
        raise DataError(f"image_size must be at least 1, received {image_size}")
    if max_images < 0:
        raise DataError(f"max_images must be 0 or more, received {max_images}")
    data_dir = os.path.expanduser(data_dir)
    if dataset == "folder":
        return load_folder(data_dir, image_size, max_images, split, stream)
    # TensorFlow Datasets is slow to import and a folder does without it.
    from train.data.prepare import prepare
    from train.data.reading import read_images

    directory = prepare(find_builder(dataset, image_size, data_dir))
    return read_images(directory, image_size, max_images, split)


def load_folder(
    data_dir: str, image_size: int, max_images: int, split: str, stream: bool
) -> ImageData:
    """Loads a folder as `load_images` does; see there."""
    from train.data.folder import read_folder

    if split != "train":
        raise DataError(
            f"A folder has only the split 'train', received {split!r}: name "
            "the folder of the other pictures with --data_dir instead."
        )
    return read_folder(data_dir, image_size, max_images, stream)


def find_builder(
    dataset: str, image_size: int, data_dir: str
) -> "tfds.core.DatasetBuilder":
    """Returns the builder of a dataset, its own ones by their short name."""
    if dataset == "digits":
        from train.data.digits import Digits

        return Digits(data_dir=data_dir or None)
    if dataset == "shapes":
        from train.data.shapes import Shapes

        return sized(Shapes, image_size, data_dir)
    if dataset == "scenes":
        from train.data.scenes import Scenes

        return sized(Scenes, image_size, data_dir)
    if dataset == "photos":
        from train.data.photos import Photos

        return sized(Photos, image_size, data_dir)
    from train.data.named import named_builder

    return named_builder(dataset, data_dir)


def sized(
    builder: "type[tfds.core.DatasetBuilder]", image_size: int, data_dir: str
) -> "tfds.core.DatasetBuilder":
    """Returns a builder of pictures of a size, or of the next larger one."""
    from train.data.builders import config_for

    config = config_for(builder, image_size)
    return builder(config=config, data_dir=data_dir or None)
