"""Gradient penalties: right through our layers, lost in stock resizing."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tfupsample import ResizeConv2D, SubpixelConv2D

FORMS = [
    ("nearest", "plain"),
    ("nearest", "phase"),
    ("bilinear", "plain"),
    ("bilinear", "phase"),
    ("bicubic", "plain"),
]
LAYERS = {
    f"{interpolation} {implementation}": functools.partial(
        ResizeConv2D, 2, 3, (2, 3), interpolation, implementation=implementation
    )
    for interpolation, implementation in FORMS
} | {"subpixel": functools.partial(SubpixelConv2D, 2, 3)}


def penalty(layer, x):
    """Squared norm of the gradient of a function that is not linear."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(layer(x) ** 3)
    return tf.reduce_sum(tape.gradient(loss, x) ** 2)


def gradient_of_penalty(layer, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(layer, x)
    return tape.gradient(value, [x, layer.kernel.value])


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_gradient_of_a_penalty_is_that_of_differences(rng, name):
    """Eagerly and by XLA."""
    layer = LAYERS[name](use_bias=False, dtype="float64")
    x = tf.constant(rng.normal(size=(1, 4, 3, 2)))
    layer(x)
    compiled = tf.function(gradient_of_penalty, jit_compile=True)
    gradients = [run(layer, x) for run in (gradient_of_penalty, compiled)]

    step = 1e-5
    kernel = layer.kernel.numpy()
    by_input, by_kernel = (rng.normal(size=y.shape) for y in (x, kernel))
    values = []
    for sign in (1, -1):
        layer.kernel.assign(kernel + sign * step * by_kernel)
        values.append(penalty(layer, x))
        layer.kernel.assign(kernel)
        values.append(penalty(layer, x + sign * step * by_input))
    for found in gradients:
        for i, towards in enumerate((by_kernel, by_input)):
            difference = (values[i] - values[i + 2]) / (2 * step)
            expected = tf.reduce_sum(found[1 - i] * towards)
            np.testing.assert_allclose(difference, expected, rtol=1e-6)


def test_stock_bilinear_resize_loses_the_penalty(rng):
    """Why this package resizes by itself; the day this fails, look again."""
    x = tf.constant(rng.normal(size=(1, 4, 3, 2)), "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(lambda x: tf.image.resize(x, (8, 6), "bilinear"), x)
    assert value > 0
    assert tape.gradient(value, x) is None
