"""Losses and random numbers where several devices share a batch.

On TensorFlow each device runs the step on its rows of the batch. On JAX the
step sees the whole batch, whichever devices hold it, and needs no help.
"""

import keras
from keras import ops


def share(model, loss):
    """Returns what a device contributes to the loss of the whole batch.

    tf.distribute adds up the gradients of the devices. Keras scales its own
    losses accordingly, but leaves that to the model where `compute_loss` is
    custom.

    Args:
        model: The `keras.Model` that trains.
        loss: Mean over the rows of this device, a scalar.
    """
    strategy = getattr(model, "distribute_strategy", None)
    return loss / (strategy.num_replicas_in_sync if strategy else 1)


def rows(draw, count):
    """Returns this device's rows of the random numbers of the whole batch.

    The devices of tf.distribute hold the same seeds: each draws the numbers of
    all and takes its own, so that a batch has the numbers it has on one device.

    Args:
        draw: Function of a number of rows to a random array of so many.
        count: Rows of the batch on this device.

    Returns:
        An array of `count` rows.
    """
    index, devices = _place()
    if devices == 1:
        return draw(count)
    numbers = draw(devices * count)
    return ops.reshape(numbers, (devices, count, *numbers.shape[1:]))[index]


def _place():
    """Index of this device, and how many share a batch."""
    if keras.backend.backend() != "tensorflow":
        return 0, 1
    import tensorflow as tf  # Keras has no operation that tells

    context = tf.distribute.get_replica_context()
    if context is None:  # where a model is built, not trained
        return 0, 1
    return context.replica_id_in_sync_group, context.num_replicas_in_sync
