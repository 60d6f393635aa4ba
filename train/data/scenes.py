"""A dataset of drawn scenes: shapes that hide one another, with their masks."""

from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds

from train.data.builders import png
from train.data.drawing import SHAPES, colour, coverage, direction, distance
from train.data.drawn import SPLITS, Drawn, DrawnConfig

CLASSES = ("ground", *SHAPES)
_FEWEST, _MOST = 3, 5  # shapes in a scene
_AREAS = {
    "circle": np.pi,
    "ring": 2.505,
    "square": 2.0,
    "triangle": 1.299,
    "star": 1.123,
    "cross": 1.92,
}
"""Of a shape within a circle of radius 1, so that all kinds are as large."""
_GRAIN = 0.04  # standard deviation of the noise in each pixel


class Scenes(Drawn):
    """Striped shapes on a striped ground; the mask has a class per kind."""

    BUILDER_CONFIGS = [
        DrawnConfig(
            name=str(image_size), image_size=image_size, train=8_000, test=1_000
        )
        for image_size in (64, 128)
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        side = self.builder_config.image_size
        return tfds.core.DatasetInfo(
            builder=self,
            description="Striped shapes that hide one another, with masks.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(side, side, 3), encoding_format="png"
                    ),
                    "segmentation_mask": tfds.features.LabeledImage(
                        labels=[*CLASSES],
                        shape=(side, side, 1),
                        encoding_format="png",
                    ),
                }
            ),
        )

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict]]:
        config = self.builder_config
        for index in range(getattr(config, split)):
            # One generator each: a scene depends on nothing but its index.
            place = (config.seed, SPLITS.index(split), index)
            image, mask = scene(config.image_size, np.random.default_rng(place))
            yield index, {"image": png(image), "segmentation_mask": png(mask)}


def scene(
    image_size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws shapes of random kinds on top of one another.

    All kinds are equally likely and as large, and have stripes and colours from
    one distribution: only outlines tell the kinds. The ground, which is darker
    and paler than the shapes, is told by its colour.

    Args:
        image_size: Side in pixels.
        rng: Source of randomness.

    Returns:
        The scene, uint8 `(image_size, image_size, 3)`, and its mask, uint8
        `(image_size, image_size)`: the index in `CLASSES` of what lies on top.
    """
    count = int(rng.integers(_FEWEST, _MOST + 1))
    kinds = rng.integers(len(SHAPES), size=count)
    opacities = outlines(kinds, image_size, rng)
    surfaces = stripes(count + 1, image_size, rng)
    picture, mask = surfaces[0], np.zeros((image_size, image_size), np.uint8)
    for kind, opacity, surface in zip(kinds, opacities, surfaces[1:]):
        picture = picture + opacity[..., None] * (surface - picture)
        mask[opacity > 0.5] = 1 + kind
    picture = picture + rng.normal(0, _GRAIN, picture.shape)
    return np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8), mask


def outlines(
    kinds: np.ndarray, image_size: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns the opacity `(n, image_size, image_size)` of shapes, placed.

    Args:
        kinds: Index in `SHAPES` of each, (n,).
        image_size: Side in pixels.
        rng: Source of randomness.
    """
    areas = np.array([_AREAS[SHAPES[kind]] for kind in kinds])
    radius = rng.uniform(0.13, 0.22, len(kinds))  # of a circle of equal area
    size = (radius * np.sqrt(np.pi / areas))[:, None, None]
    angle, x, y = rng.random((3, len(kinds), 1, 1))
    right, down = _places(image_size)
    column = {"size": size, "angle": angle}
    return coverage(distance(right - x, down - y, column, kinds), image_size)


def stripes(
    count: int, image_size: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns coloured stripes, `(count, image_size, image_size, 3)` in 0..1.

    Every surface has its own colour, and waves of its own frequency, direction
    and strength. The first one, the ground, is darker and paler than the rest.
    """
    cycles = rng.uniform(3, 12, (count, 1, 1))
    cos, sin = direction(rng.random((count, 1, 1)))
    start = rng.random((count, 1, 1))
    strength = rng.uniform(0.05, 0.15, (count, 1, 1))
    right, down = _places(image_size)
    waves, _ = direction(cycles * (cos * right + sin * down) + start)
    hues = rng.random(count)
    colours = colour(hues, saturation=0.6, value=0.85)
    colours[:1] = colour(hues[:1], saturation=0.3, value=0.45)
    return colours * (1 + strength * waves)[..., None]


def _places(image_size):
    """Rightwards and downwards, as fractions of the side, at pixel centres."""
    place = (np.arange(image_size, dtype=np.float32) + 0.5) / image_size
    return place[None, None, :], place[None, :, None]
