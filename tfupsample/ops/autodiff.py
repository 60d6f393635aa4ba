"""Gradients with respect to inputs, on whichever backend Keras uses.

Keras has no operation for them, so this module calls the backends.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops


def input_gradient(function: Callable[[Any], Any], x: Any) -> Any:
    """Returns the gradient of a scalar function at `x`.

    Args:
        function: Maps an array to a scalar, with operations of Keras.
        x: The array where to take the gradient.

    Returns:
        An array of the shape and dtype of `x`; zeros where the function does
        not depend on it.

    Raises:
        NotImplementedError: on a backend other than TensorFlow, JAX and
            PyTorch.
    """
    x = ops.convert_to_tensor(x)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _tensorflow_gradient(function, x)
    if backend == "jax":
        import jax

        return jax.grad(function)(x)
    if backend == "torch":
        return _torch_gradient(function, x)
    raise NotImplementedError(f"There are no gradients on {backend!r}.")


def _tensorflow_gradient(function, x):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


def _torch_gradient(function, x):
    import torch

    # Of an `x` that others differentiate by, the gradient has one too.
    outer = x.requires_grad
    with torch.enable_grad():
        x = x if outer else x.detach().requires_grad_()
        y = function(x)
    if not y.requires_grad:
        return torch.zeros_like(x)
    return torch.autograd.grad(
        y, x, create_graph=outer, materialize_grads=True
    )[0]
