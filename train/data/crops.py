"""Pairs of low and high resolution, cropped from pictures at random."""

import typing

import numpy as np

from train.data.degrade import cropped, low_resolution
from train.data.images import DataError

if typing.TYPE_CHECKING:
    import tensorflow as tf

Pair = tuple[np.ndarray, np.ndarray]


def make_pairs(
    pictures: typing.Iterable[np.ndarray], scale: int, size: int
) -> list[Pair]:
    """Puts its low resolution beside each picture.

    Args:
        pictures: uint8 `(height, width, 3)` each.
        scale: How many times lower the low resolution is.
        size: Side of the crops to come, in pixels of the low resolution;
            smaller pictures are left out.

    Returns:
        Pairs of uint8 arrays `(h, w, 3)` and `(scale * h, scale * w, 3)`.

    Raises:
        DataError: No picture is large enough.
    """
    large = [
        cropped(picture, scale)
        for picture in pictures
        if min(picture.shape[:2]) >= scale * size
    ]
    if not large:
        raise DataError(
            f"No picture has {scale * size} pixels a side, which crops of "
            f"{size} pixels at scale {scale} need: use a smaller --image_size "
            "or larger pictures."
        )
    return [(low_resolution(picture, scale), picture) for picture in large]


def crop_batches(
    pairs: list[Pair],
    size: int,
    batch_size: int,
    steps: int,
    seed: int,
    first_epoch: int,
    last_epoch: int,
    turn: bool = True,
) -> "tf.data.Dataset":
    """Serves the epochs first_epoch, ..., last_epoch - 1 one after another.

    Every batch depends on the seed and its own number alone, so that a run
    resumed at an epoch sees exactly the batches of an undisturbed run.

    Args:
        pairs: The result of `make_pairs`.
        size: Side of a crop in pixels of the low resolution.
        batch_size: Crops a batch, each from a picture drawn at random.
        steps: Batches an epoch.
        seed: Any 64-bit integer.
        first_epoch: The first epoch served, counted from 0.
        last_epoch: The end, itself not served.
        turn: Turn by multiples of 90 degrees and mirror, at random.

    Returns:
        A dataset of `(last_epoch - first_epoch) * steps` pairs of float32
        batches in [-1, 1], `(batch_size, size, size, 3)` and `(batch_size,
        scale * size, scale * size, 3)`.
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
        tf.data.Dataset.range(first, last)
        .map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(tf.data.AUTOTUNE)
    )


def random_crop(
    pairs: list[Pair], size: int, turn: bool, rng: np.random.Generator
) -> Pair:
    """Draws a picture, and the same place and symmetry in both resolutions."""
    low, high = pairs[rng.integers(len(pairs))]
    scale = high.shape[0] // low.shape[0]
    row, column = (rng.integers(n - size + 1) for n in low.shape[:2])
    symmetry = int(rng.integers(8)) if turn else 0

    def crop(image: np.ndarray, step: int) -> np.ndarray:
        rows = slice(step * row, step * (row + size))
        columns = slice(step * column, step * (column + size))
        return turned(image[rows, columns], symmetry)

    return crop(low, 1), crop(high, scale)


def turned(image: np.ndarray, symmetry: int) -> np.ndarray:
    """Returns one of the 8 symmetries of a square image; 0: unchanged."""
    image = image[:, ::-1] if symmetry >= 4 else image
    return np.rot90(image, symmetry % 4)
