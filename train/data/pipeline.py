"""Batches of pictures in an order that depends on seed and epoch alone."""

import typing

import numpy as np

from train.data.augment import Augmentation
from train.data.files import FileImages
from train.data.images import DataError

if typing.TYPE_CHECKING:
    import tensorflow as tf

Augment = typing.Callable[[np.ndarray, np.random.Generator], np.ndarray]
UNCHANGED = Augmentation()


def batches(
    images: np.ndarray | FileImages,
    batch_size: int,
    seed: int,
    first_epoch: int,
    last_epoch: int,
    labels: np.ndarray | None = None,
    augment: Augment = UNCHANGED,
    skip: int = 0,
) -> "tf.data.Dataset":
    """Serves the epochs first_epoch, ..., last_epoch - 1 one after another.

    Each epoch is shuffled anew; an incomplete last batch is dropped. A resumed
    run sees exactly the batches of an undisturbed run.

    Args:
        images: uint8, shape (n, size, size, channels); `FileImages` are read
            a batch at a time, in the order of an array.
        batch_size: Pictures per batch, at most n.
        seed: Any 64-bit integer.
        first_epoch: The first epoch served, counted from 0.
        last_epoch: The end, itself not served.
        labels: What to serve with each picture, shape (n, ...).
        augment: Random changes, which depend on seed, epoch and step alone.
        skip: Batches to leave out at the beginning; their pictures are not
            read.

    Returns:
        A dataset of (last_epoch - first_epoch) * (n // batch_size) - skip
        float32 batches (batch_size, size, size, channels) in [-1, 1], or of
        pairs of these and the labels.

    Raises:
        DataError: There are fewer pictures than `batch_size`.
    """
    import tensorflow as tf

    count = len(images)
    if count < batch_size:
        raise DataError(
            f"batch_size must be at most the number of pictures, {count}, "
            f"received {batch_size}: use a smaller --batch_size or more "
            "pictures."
        )
    steps = count // batch_size

    def order(epoch):
        shuffled = tf.random.experimental.stateless_shuffle(
            tf.range(count), seed=tf.stack([seed, epoch]), alg="philox"
        )
        picked = tf.reshape(shuffled[: steps * batch_size], (steps, batch_size))
        rows = tf.data.Dataset.from_tensor_slices(picked)
        return rows.enumerate().map(lambda step, rows: (epoch, step, rows))

    def picked(epoch, step, rows):
        rng = np.random.default_rng((seed % 2**64, epoch, step))
        return augment(images[rows], rng)

    def batch(epoch, step, rows):
        # As a tensor the array would be in memory twice.
        pixels = tf.numpy_function(picked, [epoch, step, rows], tf.uint8)
        pixels = tf.ensure_shape(pixels, (batch_size, *images.shape[1:]))
        pixels = tf.cast(pixels, tf.float32) / 127.5 - 1.0
        return pixels if labels is None else (pixels, tf.gather(labels, rows))

    total = max(last_epoch - first_epoch, 0) * steps - skip
    return (
        tf.data.Dataset.range(first_epoch, last_epoch)
        .flat_map(order)
        .skip(skip)
        .map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .apply(tf.data.experimental.assert_cardinality(total))
        .prefetch(tf.data.AUTOTUNE)
    )
