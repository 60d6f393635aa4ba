"""What `--dry_run` tells about a training that is not begun."""

import math

import keras

from train import cost
from train.config import UsageError


class DryRun(Exception):
    """Ends a training before its first step; the message describes it."""


def refuse(config):
    """Raises a `UsageError` for `--dry_run`, where nothing can be described."""
    if config.dry_run:
        raise UsageError(
            "--dry_run describes trainings only, and this is none."
        )


def describe(model, batches, steps, config):
    """Returns the description of a training as text.

    Args:
        model: A built and compiled `keras.Model`, its optimizer built too.
        batches: A `tf.data.Dataset` of what it trains on.
        steps: Batches of an epoch.
        config: A `BasicConfig`.
    """
    lines = []
    model.summary(line_length=80, expand_nested=True, print_fn=lines.append)
    parameters = sum(math.prod(v.shape) for v in model.trainable_variables)
    rows = {
        "Parameters": f"{parameters:,} to train",
        **_cost(model, batches.element_spec),
        "Data": f"{steps:,} batches an epoch, each {_shapes(batches)}",
        "Epochs": f"{config.epochs}",
        "Device": _device(),
        "Precision": keras.config.dtype_policy().name,
    }
    lines += [f"{name + ':':15}{value}" for name, value in rows.items()]
    return "\n".join([*lines, "Nothing was written."])


def _cost(model, spec):
    state, gradients = cost.state_bytes(model), cost.gradient_bytes(model)
    known = f"{_mib(state)} of state, {_mib(gradients)} of gradients"
    if keras.backend.backend() != "tensorflow":
        counted = "counted on the TensorFlow backend only"
        return {
            "Multiply-adds": counted,
            "Memory": f"{known}; activations are {counted}",
        }
    batch, *_ = keras.utils.unpack_x_y_sample_weight(spec)
    forward = cost.forward_cost(model, batch)
    total = _mib(state + gradients + forward.activations)
    return {
        "Multiply-adds": f"{forward.multiply_adds:,} forward a batch",
        "Memory": f"about {total}: {known}, and at most "
        f"{_mib(forward.activations)} that a forward pass makes; the "
        "frameworks and the images themselves come on top",
    }


def _shapes(batches):
    shapes = keras.tree.map_structure(
        lambda spec: f"{tuple(spec.shape)} {spec.dtype.name}",
        batches.element_spec,
    )
    return ", ".join(keras.tree.flatten(shapes))


def _device():
    backend = keras.backend.backend()
    devices = keras.distribution.list_devices()
    return f"{', '.join(devices) or 'cpu'} on {backend}"


def _mib(count):
    return f"{count / 2**20:,.1f} MiB"
