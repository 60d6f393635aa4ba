"""What a model costs before it is trained: multiply-adds and memory."""

import math
from typing import NamedTuple

import numpy as np

from train import checkpoint

# They copy nothing, or hold what is counted as a weight.
_FREE = {"Const", "Identity", "IdentityN", "ReadVariableOp", "Reshape", "Shape"}
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}


class Cost(NamedTuple):
    """Of a forward pass over one batch.

    Attributes:
        multiply_adds: Of its convolutions and matrix products.
        activations: Bytes of all that its operations make.
    """

    multiply_adds: int
    activations: int


def forward_cost(model, batch):
    """Returns the `Cost` of a model, counted in its TensorFlow graph.

    Args:
        model: A `keras.Model` on the TensorFlow backend.
        batch: Nested `tf.TensorSpec` of its input, all sizes known.
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
    """All operations of a graph and of the functions that it calls."""
    for operation in graph.get_operations():
        yield operation
        if operation.type in _CALLS:
            name = operation.get_attr("f").name
            yield from _operations(graph._get_function(name).graph)


def multiply_adds(operation):
    """Returns the multiply-adds of an operation, 0 if it is no product."""
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
    """Returns the bytes of all that a checkpoint of a compiled model holds."""
    return sum(np.asarray(v).nbytes for v in checkpoint.variables(model))


def gradient_bytes(model):
    """Returns the bytes of the gradients of a built model."""
    return sum(np.asarray(v).nbytes for v in model.trainable_variables)
