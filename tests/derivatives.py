"""Values and derivatives of one function, on TensorFlow and on PyTorch."""

import keras
import numpy as np


def derivatives(function, arrays):
    """Returns `[y, *first, *second]` as numpy arrays.

    First come the gradients of the sum of squares of `y` by each array, then
    those of the sum of squares of the former.

    Args:
        function: A function of as many tensors as there are arrays.
        arrays: The numpy arrays where to take the derivatives.
    """
    on = {"tensorflow": _tensorflow, "torch": _torch}
    found = on[keras.backend.backend()](function, arrays)
    return [keras.ops.convert_to_numpy(a) for a in found]


def of_layer(layer, x):
    """The derivatives of a built layer, by its input and its weights."""

    def function(x, *weights):
        return layer.stateless_call(weights, [], x)[0]

    weights = [np.array(w) for w in layer.get_weights()]
    return derivatives(function, [x, *weights])


def _tensorflow(function, arrays):
    import tensorflow as tf

    arrays = [tf.constant(a) for a in arrays]
    with tf.GradientTape() as outer:
        outer.watch(arrays)
        with tf.GradientTape() as inner:
            inner.watch(arrays)
            y = function(*arrays)
            loss = tf.reduce_sum(y**2)
        first = inner.gradient(loss, arrays)
        loss = sum(tf.reduce_sum(g**2) for g in first)
    return [y, *first, *outer.gradient(loss, arrays)]


def _torch(function, arrays):
    import torch

    arrays = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = function(*arrays)
    first = torch.autograd.grad((y**2).sum(), arrays, create_graph=True)
    loss = sum((g**2).sum() for g in first)
    return [y, *first, *torch.autograd.grad(loss, arrays)]
