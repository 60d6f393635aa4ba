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


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("jit_compile", [False, True])
def test_gradient_of_a_penalty_is_that_of_differences(rng, name, jit_compile):
    layer = LAYERS[name](use_bias=False, dtype="float64")
    x = tf.constant(rng.normal(size=(1, 4, 3, 2)))
    layer(x)
    compiled = tf.function(
        lambda x: gradient_of_penalty(layer, x), jit_compile=jit_compile
    )
    by_input, by_kernel = compiled(x)

    step = 1e-5
    towards = rng.normal(size=x.shape)
    difference = penalty(layer, x + step * towards) - penalty(
        layer, x - step * towards
    )
    expected = tf.reduce_sum(by_input * towards)
    np.testing.assert_allclose(difference / (2 * step), expected, rtol=1e-6)

    kernel = layer.kernel.numpy()
    towards = rng.normal(size=kernel.shape)
    values = []
    for sign in (1, -1):
        layer.kernel.assign(kernel + sign * step * towards)
        values.append(penalty(layer, x))
    expected = tf.reduce_sum(by_kernel * towards)
    np.testing.assert_allclose(
        (values[0] - values[1]) / (2 * step), expected, rtol=1e-6
    )


def test_stock_bilinear_resize_loses_the_penalty(rng):
    """Why this package resizes by itself; the day this fails, look again."""
    x = tf.constant(rng.normal(size=(1, 4, 3, 2)), "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(lambda x: tf.image.resize(x, (8, 6), "bilinear"), x)
    assert value > 0
    assert tape.gradient(value, x) is None
