"""Handwritten digits that come with scikit-learn, so need no download."""

from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image, ImageFilter

SIDE = 32
TRAIN = 1_500


class Digits(tfds.core.GeneratorBasedBuilder):
    """1,797 grey digits of 8x8 pixels, enlarged to 32x32."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description="Optical recognition of handwritten digits, 32x32.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(SIDE, SIDE, 1), encoding_format="png"
                    ),
                    "label": tfds.features.ClassLabel(num_classes=10),
                }
            ),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator]:
        from sklearn.datasets import load_digits

        del dl_manager
        digits = load_digits()
        pairs = list(zip(digits.images, digits.target, strict=True))
        return {
            "train": self._generate_examples(pairs[:TRAIN]),
            "test": self._generate_examples(pairs[TRAIN:]),
        }

    def _generate_examples(self, pairs: list) -> Iterator[tuple[int, dict]]:
        for key, (ink, label) in enumerate(pairs):
            yield key, {"image": enlarge(ink), "label": int(label)}


def enlarge(ink: np.ndarray) -> np.ndarray:
    """Enlarges a digit smoothly.

    Args:
        ink: Amount of ink from 0 to 16, shape (8, 8).

    Returns:
        A uint8 array (32, 32, 1), ink white on black.
    """
    small = Image.fromarray(np.round(ink * (255 / 16)).astype(np.uint8))
    large = small.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    # Enlarged pixels alternate between sharp and soft with period 4: even out.
    even = large.filter(ImageFilter.GaussianBlur(1.5))
    return np.asarray(even)[..., None]
