"""Calls a layer as for inference, on every processor."""

import copy
import functools
import inspect

import keras
from keras import ops


def channels_last(operation):
    """Returns an operation as a function that computes channels last.

    Arrays go in and come out in the operation's own format. In between, a
    channels-last twin, which every processor can compute, takes the place of a
    channels-first layer.

    Args:
        operation: A built layer, or an operation of `keras.ops`.
    """
    call = _for_inference(operation)
    if getattr(operation, "data_format", None) != "channels_first":
        return call

    twin = None

    def moved(x, *args, **kwargs):
        nonlocal twin
        if len(x.shape) < 3:
            return call(x, *args, **kwargs)
        x = ops.moveaxis(x, 1, -1)
        twin = twin or _for_inference(_twin(operation, x.shape))
        return keras.tree.map_structure(
            lambda y: ops.moveaxis(y, -1, 1) if len(y.shape) > 2 else y,
            twin(x, *args, **kwargs),
        )

    return moved


def _twin(operation, shape):
    """Returns a channels-last copy of a layer, built for inputs of a shape."""
    if not isinstance(operation, keras.layers.Layer):
        twin = copy.copy(operation)
        twin.data_format = "channels_last"
        return twin
    config = operation.get_config() | {"data_format": "channels_last"}
    twin = type(operation).from_config(config)
    if operation.weights:
        twin.build(shape)
        twin.set_weights(operation.get_weights())
    return twin


def _for_inference(operation):
    if not isinstance(operation, keras.layers.Layer):
        return operation
    if "training" not in inspect.signature(operation.call).parameters:
        return operation
    return functools.partial(operation, training=False)
