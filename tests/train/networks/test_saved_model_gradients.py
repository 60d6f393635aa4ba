"""What is loaded from a SavedModel can be differentiated, also twice."""

import logging

import keras
import numpy as np
import tensorflow as tf

from tfupsample import ResizeConv2D
from train.networks.write import write_saved_model


def derivatives(function, x):
    """First and second derivatives of a scalar that a function makes of `x`."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            value = tf.reduce_sum(function(x) ** 2)
        first = inner.gradient(value, x)
        slope = tf.reduce_sum(first**2)
    return first, outer.gradient(slope, x)


def test_derivatives_are_those_of_the_model_and_nothing_warns(
    rng, tmp_path, caplog
):
    x = keras.Input((6, 5, 2))
    model = keras.Model(x, ResizeConv2D(3, activation="tanh")(x))
    write_saved_model(model, tmp_path / "model")
    with caplog.at_level(logging.WARNING, "absl"):
        loaded = tf.saved_model.load(tmp_path / "model")
    assert "gradient" not in caplog.text
    inputs = tf.constant(rng.normal(size=(2, 6, 5, 2)).astype("float32"))
    for found, right in zip(
        derivatives(loaded.serve, inputs), derivatives(model, inputs)
    ):
        np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-4)
        assert np.std(right) > 0.1
