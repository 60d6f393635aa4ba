"""Describes a training without starting it, for `--dry_run`."""

import math
import textwrap
from typing import NamedTuple

import keras
import numpy as np

from train.engine import checkpoint

# These copy nothing, or hold what already counts as a weight.
_FREE = {"Const", "Identity", "IdentityN", "ReadVariableOp", "Reshape", "Shape"}
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}


class DryRun(Exception):
    """Ends a training before its first step; the message describes it."""


def describe(model, batches, steps, config):
    """Returns the description of a training as text.

    Args:
        model: A compiled and built `keras.Model`, whose optimizer is built.
        batches: The `tf.data.Dataset` to train on.
        steps: Steps per epoch.
        config: A `BasicConfig`.
    """
    lines = []
    model.summary(line_length=80, expand_nested=True, print_fn=lines.append)
    parameters = sum(math.prod(v.shape) for v in model.trainable_variables)
    rows = {
        "Parameters": f"{parameters:,} trainable",
        **_cost(model, batches.element_spec),
        "Data": f"{steps:,} batches per epoch, each {_shapes(batches)}",
        "Epochs": f"{config.epochs}",
        "Device": _device(),
        "Precision": keras.config.dtype_policy().name,
    }
    lines += [_wrapped(name, value) for name, value in rows.items()]
    return "\n".join([*lines, "Nothing was written."])


def _wrapped(name, value):
    """Returns a row of at most 80 columns, in several lines if needed."""
    return textwrap.fill(
        f"{name + ':':15}{value}", 80, subsequent_indent=" " * 15
    )


def _cost(model, spec):
    state, gradients = state_bytes(model), gradient_bytes(model)
    known = f"{_mib(state)} of state, {_mib(gradients)} of gradients"
    if keras.backend.backend() != "tensorflow":
        counted = "counted only on the TensorFlow backend"
        return {
            "Multiply-adds": counted,
            "Memory": f"{known}; activations are {counted}",
        }
    batch, *_ = keras.utils.unpack_x_y_sample_weight(spec)
    forward = forward_cost(model, batch)
    total = _mib(state + gradients + forward.activations)
    return {
        "Multiply-adds": f"{forward.multiply_adds:,} per forward pass over a "
        "batch",
        "Memory": f"about {total}: {known}, and at most "
        f"{_mib(forward.activations)} of results of a forward pass; the "
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


class Cost(NamedTuple):
    """The cost of a forward pass over one batch.

    Attributes:
        multiply_adds: Multiply-adds of the convolutions and matrix products.
        activations: Bytes of the results of all operations.
    """

    multiply_adds: int
    activations: int


def forward_cost(model, batch):
    """Returns the `Cost` of a model, counted in its TensorFlow graph.

    Args:
        model: A `keras.Model` on the TensorFlow backend.
        batch: Nested `tf.TensorSpec` of the input; all sizes must be known.
    """
    import tensorflow as tf

    graph = tf.function(model).get_concrete_function(batch).graph
    operations = [*_operations(graph)]
    return Cost(
        sum(map(multiply_adds, operations)),
        sum(
            tensor.dtype.size * (tensor.shape.num_elements() or 0)
            for operation in operations
            if operation.type not in _FREE | _CALLS
            for tensor in operation.outputs
            if tensor.dtype.is_floating
        ),
    )


def _operations(graph):
    """Yields the operations of a graph and of the functions that it calls."""
    for operation in graph.get_operations():
        yield operation
        if operation.type in _CALLS:
            name = operation.get_attr("f").name
            yield from _operations(graph._get_function(name).graph)


def multiply_adds(operation):
    """Returns the multiply-adds of an operation, 0 if it has none."""
    kind, inputs = operation.type, operation.inputs
    if kind in ("Conv2D", "Conv3D"):
        *taps, channels, _ = inputs[1].shape
        return _size(operation.outputs[0]) * math.prod(taps) * channels
    if kind == "Conv2DBackpropInput":  # a transposed convolution
        *taps, filters, _ = inputs[1].shape
        return _size(inputs[2]) * math.prod(taps) * filters
    if kind == "DepthwiseConv2dNative":
        return _size(operation.outputs[0]) * math.prod(inputs[1].shape[:2])
    if kind == "MatMul":
        axis = 0 if operation.get_attr("transpose_a") else 1
        return _size(operation.outputs[0]) * inputs[0].shape[axis]
    if kind == "BatchMatMulV2":
        axis = -2 if operation.get_attr("adj_x") else -1
        return _size(operation.outputs[0]) * inputs[0].shape[axis]
    return 0


def _size(tensor):
    return tensor.shape.num_elements()


def state_bytes(model):
    """Returns the bytes in a checkpoint of a compiled model."""
    return sum(np.asarray(v).nbytes for v in checkpoint.variables(model))


def gradient_bytes(model):
    """Returns the bytes of the gradients of a built model."""
    return sum(np.asarray(v).nbytes for v in model.trainable_variables)
