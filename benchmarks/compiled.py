"""Layers as compiled functions of no argument that return when done."""

import keras
import numpy as np


def forward(layer, shape, xla):
    """Returns a function that runs a layer on a fixed input.

    Args:
        layer: A Keras layer.
        shape: The shape of the input.
        xla: Whether to compile with XLA; JAX always does.
    """
    layer.build(shape)
    x = _normal(shape)
    run = _compile(lambda x: layer(x), layer, xla)
    return lambda: run(x)


def step(layer, shape, xla):
    """Returns a function that runs a layer forward and backward.

    It computes the output and the gradients of input and weights for a fixed
    gradient of the output.
    """
    layer.build(shape)
    x, target = _normal(shape), _normal(layer.compute_output_shape(shape))
    if keras.backend.backend() == "jax":
        return _jax_step(layer, x, target)
    import tensorflow as tf

    weights = [v.value for v in layer.trainable_variables]

    def backward(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return y, tape.gradient(y, [x, *weights], target)

    run = _compile(backward, layer, xla)
    return lambda: run(x)


def matmul(rows, inner, columns, xla):
    """Returns a function that multiplies two matrices."""
    a, b = _normal((rows, inner)), _normal((inner, columns))
    run = _compile(lambda a: keras.ops.matmul(a, b), None, xla)
    return lambda: run(a)


def _normal(shape):
    values = np.random.default_rng(0).standard_normal(shape, "float32")
    return keras.ops.convert_to_tensor(values)


def _compile(function, layer, xla):
    if keras.backend.backend() == "jax":
        import jax

        if layer is not None:
            weights = [v.value for v in layer.variables]
            compiled = jax.jit(lambda w, x: layer.stateless_call(w, [], x)[0])
            return lambda x: compiled(weights, x).block_until_ready()
        compiled = jax.jit(function)
        return lambda x: compiled(x).block_until_ready()
    import tensorflow as tf

    compiled = tf.function(function, jit_compile=xla)

    def run(x):
        compiled(x)
        if tf.config.list_physical_devices("GPU"):
            tf.test.experimental.sync_devices()

    return run


def _jax_step(layer, x, target):
    import jax

    weights = [v.value for v in layer.variables]

    def output(weights, x):
        return layer.stateless_call(weights, [], x)[0]

    def backward(weights, x):
        y, pull = jax.vjp(output, weights, x)
        return y, pull(target)

    compiled = jax.jit(backward)
    return lambda: jax.block_until_ready(compiled(weights, x))
