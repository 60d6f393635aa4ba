"""Crops of the photographs that come with scikit-image and scikit-learn."""

import dataclasses
import importlib.util
import math
import pathlib
from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

from tfupsample.images.files import open_image
from train.data.builders import png
from train.data.images import DataError

FILES = {
    "train": (
        "skimage/data/astronaut.png",
        "skimage/data/chelsea.png",
        "sklearn/datasets/images/china.jpg",
        "skimage/data/hubble_deep_field.jpg",
        "skimage/data/ihc.png",
        "skimage/data/motorcycle_left.png",
        "skimage/data/rocket.jpg",
    ),
    "test": (
        "skimage/data/coffee.png",
        "sklearn/datasets/images/flower.jpg",
    ),
}
"""Photographs of each split; training sees none of the split "test"."""

SHIPPED_BY = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
NAMES = [pathlib.Path(file).stem for files in FILES.values() for file in files]
LARGEST = 4  # side of the largest crop, in sides of the result


@dataclasses.dataclass(kw_only=True, eq=False)
class PhotosConfig(tfds.core.BuilderConfig):
    """Size and number of the pictures.

    Attributes:
        image_size: Side in pixels, at most 300, the height of the smallest.
        train: Pictures in the split "train".
        test: Pictures in the split "test".
        seed: Another seed gives other crops.
    """

    image_size: int
    train: int = 20_000
    test: int = 1_000
    seed: int = 0


class Photos(tfds.core.GeneratorBasedBuilder):
    """Crops of seven photographs, and of two others for the split "test".

    A crop is a square of one to four times `image_size`, reduced to
    `image_size`; half of the crops are mirrored.
    """

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        PhotosConfig(name="32", image_size=32),
        PhotosConfig(name="64", image_size=64),
        PhotosConfig(name="128", image_size=128, train=8_000),
        PhotosConfig(name="256", image_size=256, train=2_000, test=200),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        side = self.builder_config.image_size
        return tfds.core.DatasetInfo(
            builder=self,
            description="Random crops of nine colour photographs.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(side, side, 3), encoding_format="png"
                    ),
                    "photograph": tfds.features.ClassLabel(names=NAMES),
                }
            ),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator]:
        del dl_manager
        return {split: self._generate_examples(split) for split in FILES}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict]]:
        config = self.builder_config
        photographs = [photograph(file) for file in FILES[split]]
        for index in range(getattr(config, split)):
            # A generator for each crop, so that it depends on nothing else.
            rng = np.random.default_rng(
                (config.seed, list(FILES).index(split), index)
            )
            whole = photographs[index % len(photographs)]
            picture = random_crop(whole, config.image_size, rng)
            name = pathlib.Path(FILES[split][index % len(photographs)]).stem
            yield index, {"image": png(picture), "photograph": name}


def photograph(file: str) -> Image.Image:
    """Opens a photograph that comes with an installed package.

    Args:
        file: Path that begins with the name of the package.

    Returns:
        The picture, in colour.

    Raises:
        DataError: The package is not installed, or does not have the file.
    """
    package, _, inside = file.partition("/")
    spec = importlib.util.find_spec(package)
    folder = pathlib.Path(spec.origin).parent if spec and spec.origin else None
    if not folder or not (folder / inside).exists():
        raise DataError(
            f"--dataset=photos needs the picture {file}: install or update "
            f"{SHIPPED_BY[package]}, or use --dataset=shapes or "
            "--dataset=folder."
        )
    return open_image(folder / inside).convert("RGB")


def random_crop(
    whole: Image.Image, image_size: int, rng: np.random.Generator
) -> np.ndarray:
    """Crops a square of random size and place, reduced to `image_size`.

    Args:
        whole: A photograph of at least `image_size` pixels a side.
        image_size: Side of the result, in pixels.
        rng: Source of randomness.

    Returns:
        A uint8 array (image_size, image_size, 3).
    """
    largest = min(*whole.size, LARGEST * image_size)
    side = round(image_size * (largest / image_size) ** rng.random())
    left, top = (math.floor(rng.random() * (n - side + 1)) for n in whole.size)
    crop = whole.resize(
        (image_size, image_size),
        Image.Resampling.LANCZOS,
        (left, top, left + side, top + side),
    )
    pixels = np.asarray(crop)
    return np.ascontiguousarray(pixels[:, :: rng.choice([-1, 1])])
