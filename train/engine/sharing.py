"""Makes devices share the batches of a training.

However many devices share a batch, a step is that of one device with the whole
batch: see docs/devices.md.
"""

import contextlib

import keras
import numpy as np

from train.engine.devices import counted


@contextlib.contextmanager
def shared_batches(model, config):
    """Makes the devices share the batches of a `fit` that is called inside.

    Args:
        model: A built and compiled `keras.Model`.
        config: A `BasicConfig`.
    """
    if keras.backend.backend() == "jax":
        with _distributed(model, _distribution(config)):
            yield
    else:
        with _common_statistics(model):
            yield


def on_one_device(model, function):
    """Returns `function` so that it may be called during such a `fit`.

    While it runs, the model is on a single device of this host.

    Args:
        model: The model that `fit` trains.
        function: A function without arguments.
    """

    def call():
        with _distributed(model, None):
            return function()

    return call


def _distribution(config):
    """Returns how JAX distributes a batch; `None` for one device."""
    import jax

    count = counted(config, jax.local_device_count())
    devices = [
        f"{device.platform}:{device.id}"
        for host in range(jax.process_count())
        for device in jax.local_devices(process_index=host)[:count]
    ]
    if len(devices) == 1:
        return None
    return keras.distribution.DataParallel(devices=devices)


@contextlib.contextmanager
def _distributed(model, distribution):
    """Moves the state of a model to other devices of JAX, and back."""
    before = keras.distribution.distribution()
    if distribution is before:
        yield
        return
    try:
        keras.distribution.set_distribution(distribution)
        _move(model)
        yield
    finally:
        keras.distribution.set_distribution(before)
    _move(model)


def _move(model):
    """Moves the state to where the current distribution wants it."""
    distribution = keras.distribution.distribution()
    state = [*model.variables, *model.optimizer.variables]
    for variable in [*state, *model.metrics_variables]:
        value = np.asarray(variable)
        if distribution:
            layout = keras.distribution.TensorLayout(
                [None] * value.ndim, distribution.device_mesh
            )
            value = keras.distribution.distribute_tensor(value, layout)
        variable.assign(value)


@contextlib.contextmanager
def _common_statistics(model):
    """Makes devices of tf.distribute normalise by the whole batch.

    This is a setting of the training and not of the model: JAX would refuse to
    load the model otherwise.
    """
    layers = [
        layer
        for layer in model._flatten_layers(include_self=False)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    several = model.distribute_strategy.num_replicas_in_sync > 1
    for layer in layers:
        layer.synchronized = several
    try:
        yield
    finally:
        for layer in layers:
            layer.synchronized = False
