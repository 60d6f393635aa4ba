"""Gradient penalties: right through our layers, lost in stock resizing."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tfupsample import (
    AliasFreeConv2D,
    Carafe2D,
    ContentAwareConv2D,
    DySample2D,
    FilteredActivation,
    ResizeConv2D,
    SubpixelConv2D,
)

FORMS = [
    ("nearest", "plain"),
    ("nearest", "phase"),
    ("bilinear", "plain"),
    ("bilinear", "phase"),
    ("bicubic", "plain"),
]
LAYERS = {
    f"{interpolation} {implementation}": functools.partial(
        ResizeConv2D,
        2,
        3,
        (2, 3),
        interpolation,
        implementation=implementation,
        use_bias=False,
    )
    for interpolation, implementation in FORMS
} | {
    "subpixel": functools.partial(SubpixelConv2D, 2, 3, use_bias=False),
    "carafe": functools.partial(Carafe2D, 2, 3, 3, 2),
    "dysample": functools.partial(DySample2D, 2, 2, dynamic_scope=True),
    "alias-free": functools.partial(AliasFreeConv2D, 2, 3, use_bias=False),
    "filtered activation": functools.partial(FilteredActivation, "tanh"),
    "content-aware": functools.partial(
        ContentAwareConv2D, 2, 3, 2, "dysample", use_bias=False
    ),
}


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
    return tape.gradient(value, [x, *(w.value for w in layer.weights)])


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_gradient_of_a_penalty_is_that_of_differences(rng, name):
    """Eagerly and by XLA."""
    layer = LAYERS[name](dtype="float64")
    x = tf.constant(rng.normal(size=(1, 4, 3, 2)))
    layer(x)
    weights = [rng.normal(0, 0.5, w.shape) for w in layer.weights]
    layer.set_weights(weights)
    compiled = tf.function(gradient_of_penalty, jit_compile=True)
    gradients = [run(layer, x) for run in (gradient_of_penalty, compiled)]

    step = 1e-5
    places = [x.numpy(), *weights]
    for i, place in enumerate(places):
        towards = rng.normal(size=place.shape)
        values = []
        for sign in (1, -1):
            moved = list(places)
            moved[i] = place + sign * step * towards
            layer.set_weights(moved[1:])
            values.append(penalty(layer, tf.constant(moved[0])))
        difference = (values[0] - values[1]) / (2 * step)
        for found in gradients:
            expected = tf.reduce_sum(found[i] * towards)
            np.testing.assert_allclose(difference, expected, rtol=1e-6)


def test_stock_bilinear_resize_loses_the_penalty(rng):
    """Why this package resizes by itself; the day this fails, look again."""
    x = tf.constant(rng.normal(size=(1, 4, 3, 2)), "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(lambda x: tf.image.resize(x, (8, 6), "bilinear"), x)
    assert value > 0
    assert tape.gradient(value, x) is None
