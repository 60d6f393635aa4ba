"""Crops of pictures in two resolutions, drawn at random."""

import typing

import numpy as np
from absl import logging

from tfupsample.printable import printable
from train.data.images import DataError
from train.data.pairs import Pair

if typing.TYPE_CHECKING:
    import tensorflow as tf


def crop_batches(
    pairs: list[Pair],
    size: int,
    batch_size: int,
    steps: int,
    seed: int,
    first_epoch: int,
    last_epoch: int,
    turn: bool = True,
    skip: int = 0,
) -> "tf.data.Dataset":
    """Serves the epochs first_epoch, ..., last_epoch - 1 one after another.

    Every batch depends on the seed and its own number alone, so that a run
    resumed at an epoch sees exactly the batches of an undisturbed run.

    Args:
        pairs: The result of `train.data.pairs.make_pairs`.
        size: Side of a crop in pixels of the low resolution.
        batch_size: Crops a batch, each from a picture drawn at random.
        steps: Batches an epoch.
        seed: Any 64-bit integer.
        first_epoch: The first epoch served, counted from 0.
        last_epoch: The end, itself not served.
        turn: Turn by multiples of 90 degrees and mirror, at random.
        skip: Batches to leave out at the beginning.

    Returns:
        A dataset of `(last_epoch - first_epoch) * steps - skip` pairs of
        float32 batches in [-1, 1], `(batch_size, size, size, 3)` and
        `(batch_size, scale * size, scale * size, 3)`.
    """
    import tensorflow as tf

    scale = pairs[0][1].shape[0] // pairs[0][0].shape[0]

    def drawn(number):
        rng = np.random.default_rng((seed % 2**64, number))
        crops = [random_crop(pairs, size, turn, rng) for _ in range(batch_size)]
        return tuple(np.stack(side) for side in zip(*crops))

    def batch(number):
        sides = tf.numpy_function(drawn, [number], (tf.uint8, tf.uint8))
        return tuple(
            tf.cast(
                tf.ensure_shape(pixels, (batch_size, side, side, 3)), tf.float32
            )
            / 127.5
            - 1.0
            for pixels, side in zip(sides, (size, scale * size))
        )

    first, last = first_epoch * steps, max(first_epoch, last_epoch) * steps
    return (
        tf.data.Dataset.range(first + skip, last)
        .map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(tf.data.AUTOTUNE)
    )


def random_crop(
    pairs: list[Pair], size: int, turn: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws a picture, and the same place and symmetry in both resolutions.

    Where its file cannot be read, it draws another one.

    Raises:
        DataError: None of as many pictures as there are can be read.
    """
    for _ in pairs:
        low, high = pairs[rng.integers(len(pairs))]
        scale = high.shape[0] // low.shape[0]
        place = [rng.integers(n - size + 1) for n in low.shape[:2]]
        symmetry = int(rng.integers(8)) if turn else 0
        try:
            return (
                turned(low[_square(place, size, 1)], symmetry),
                turned(high[_square(place, size, scale)], symmetry),
            )
        except DataError as error:
            logging.warning("Another one is drawn: %s", printable(str(error)))
    raise DataError("The pictures cannot be read any more.")


def _square(place, size, scale):
    """Returns the slices of a square of `size` times `scale` pixels."""
    return tuple(slice(scale * n, scale * (n + size)) for n in place)


def turned(image: np.ndarray, symmetry: int) -> np.ndarray:
    """Returns one of the 8 symmetries of a square image; 0: unchanged."""
    image = image[:, ::-1] if symmetry >= 4 else image
    return np.rot90(image, symmetry % 4)
