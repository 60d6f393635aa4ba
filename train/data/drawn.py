"""What data sets that are drawn here share: sizes, splits and a seed."""

import dataclasses
from collections.abc import Iterator

import tensorflow_datasets as tfds

SPLITS = ("train", "test")


@dataclasses.dataclass(kw_only=True, eq=False)
class DrawnConfig(tfds.core.BuilderConfig):
    """Size and number of the pictures.

    Attributes:
        image_size: Side in pixels.
        train: Pictures in the split "train".
        test: Pictures in the split "test".
        seed: Another seed gives other pictures.
    """

    image_size: int
    train: int
    test: int
    seed: int = 0


class Drawn(tfds.core.GeneratorBasedBuilder):
    """Both splits; a subclass says what is in them and draws their pictures."""

    VERSION = tfds.core.Version("1.0.0")

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator]:
        del dl_manager
        return {split: self._generate_examples(split) for split in SPLITS}
