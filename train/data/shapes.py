"""A dataset of drawn shapes, made anywhere, with every factor as a label."""

from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds

from train.data.builders import png
from train.data.drawing import SHAPES, draw
from train.data.drawn import SPLITS, Drawn, DrawnConfig

DRAWN_AT_ONCE = 8


class Shapes(Drawn):
    """One coloured, shaded shape per picture; `draw` explains the labels."""

    BUILDER_CONFIGS = [
        DrawnConfig(
            name=str(image_size),
            image_size=image_size,
            train=20_000,
            test=2_000,
        )
        for image_size in (32, 64, 128)
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        side = self.builder_config.image_size
        numbers = ("hue", "size", "angle", "x", "y", "background", "light")
        return tfds.core.DatasetInfo(
            builder=self,
            description="One coloured, shaded shape on a shaded ground.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(side, side, 3), encoding_format="png"
                    ),
                    "shape": tfds.features.ClassLabel(names=SHAPES),
                    **dict.fromkeys(numbers, np.float32),
                }
            ),
        )

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict]]:
        config = self.builder_config
        count = getattr(config, split)
        for start in range(0, count, DRAWN_AT_ONCE):
            indices = range(start, min(start + DRAWN_AT_ONCE, count))
            factors = choose_factors(config.seed, split, indices)
            pictures = draw(factors, config.image_size)
            for row, index in enumerate(indices):
                labels = {name: of[row] for name, of in factors.items()}
                yield index, {"image": png(pictures[row]), **labels}


def choose_factors(
    seed: int, split: str, indices: range
) -> dict[str, np.ndarray]:
    """Chooses at random what to draw.

    Each picture has a generator of its own, so that it depends on nothing but
    seed, split and index.

    Args:
        seed: Any integer from 0.
        split: "train" or "test".
        indices: Which pictures of the split.

    Returns:
        Name to array of shape (len(indices),), see `draw`. Hues of shape and
        ground differ by at least 0.2, the shape lies inside the picture.
    """
    chance = np.stack(
        [
            np.random.default_rng((seed, SPLITS.index(split), i)).random(8)
            for i in indices
        ],
        axis=1,
    )
    hue = chance[1]
    floats = {
        "hue": hue,
        "size": 0.15 + 0.1 * chance[2],
        "angle": chance[3],
        # Half the side is a multiple of 8 pixels: all phases equally often.
        "x": 0.25 + 0.5 * chance[4],
        "y": 0.25 + 0.5 * chance[5],
        "background": (hue + 0.2 + 0.6 * chance[6]) % 1.0,
        "light": chance[7],
    }
    kinds = (len(SHAPES) * chance[0]).astype(np.int64)
    return {
        "shape": kinds,
        **{name: of.astype(np.float32) for name, of in floats.items()},
    }
