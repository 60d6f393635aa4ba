"""Batches of frames and waveforms, in an order by seed and epoch alone."""

import typing

import numpy as np

if typing.TYPE_CHECKING:
    import tensorflow as tf


def sound_batches(
    frames: np.ndarray,
    waves: np.ndarray,
    batch_size: int,
    seed: int,
    first_epoch: int,
    last_epoch: int,
    skip: int = 0,
) -> "tf.data.Dataset":
    """Serves the epochs first_epoch, ..., last_epoch - 1 one after another.

    Each epoch is shuffled anew; an incomplete last batch is dropped.

    Args:
        frames: `(n, frames, bands)`.
        waves: `(n, samples)`.
        batch_size: Sounds per batch, at most n.
        seed: Seed of the order.
        first_epoch: The first epoch served, counted from 0.
        last_epoch: The end, itself not served.
        skip: Batches to leave out at the beginning.

    Returns:
        A dataset of pairs `(batch_size, frames, bands)` and `(batch_size,
        samples, 1)`.
    """
    import tensorflow as tf

    steps = len(waves) // batch_size
    orders = [
        np.random.default_rng((seed, epoch)).permutation(len(waves))
        for epoch in range(first_epoch, last_epoch)
    ]
    rows = np.array([order[: steps * batch_size] for order in orders])
    return (
        tf.data.Dataset.from_tensor_slices(rows.reshape(-1, batch_size))
        .skip(skip)
        .map(lambda row: (tf.gather(frames, row), tf.gather(waves, row)))
        .map(lambda x, y: (x, y[..., None]))
        .prefetch(2)
    )
