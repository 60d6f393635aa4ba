"""Multiply-adds and memory are those that one counts by hand."""

import keras
import pytest
import tensorflow as tf
from keras import layers

from tfupsample import ResizeConv2D, SubpixelConv2D
from train.engine import dry_run as cost

BATCH = 2
ONE_LAYER = {
    "convolution": (layers.Conv2D(4, 3, padding="same"), 64 * 9 * 3 * 4),
    "strided": (layers.Conv2D(4, 3, 2, "same"), 16 * 9 * 3 * 4),
    "grouped": (layers.Conv2D(6, 3, padding="same", groups=3), 64 * 9 * 6),
    "depthwise": (layers.DepthwiseConv2D(3, padding="same"), 64 * 9 * 3),
    "dense": (layers.Dense(5), 64 * 3 * 5),
    "deconv": (layers.Conv2DTranspose(4, 5, 2, "same"), 64 * 25 * 3 * 4),
    "plain": (ResizeConv2D(4, 3, implementation="plain"), 256 * 9 * 3 * 4),
    "subpixel": (SubpixelConv2D(4, 3), 64 * 9 * 3 * 16),
}


def forward(model, *shape):
    return cost.forward_cost(model, tf.TensorSpec((BATCH, *shape), tf.float32))


@pytest.mark.parametrize("name", ONE_LAYER)
def test_multiply_adds_of_a_layer(name):
    layer, expected = ONE_LAYER[name]
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    assert forward(model, 8, 8, 3).multiply_adds == BATCH * expected


def test_the_fast_form_costs_what_it_does():
    """Each of four phases has 2 x 2 taps; padding and kernel come on top."""
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), ResizeConv2D(4, 3, implementation="phase")]
    )
    least = BATCH * 64 * 4 * 4 * 3 * 4
    assert least <= forward(model, 8, 8, 3).multiply_adds < 1.5 * least


def test_multiply_adds_of_a_nested_model_add_up():
    inner = keras.Sequential(
        [keras.Input((4, 4, 3)), layers.Conv2D(2, 3), layers.Flatten()]
    )
    model = keras.Sequential([inner, layers.Dense(7)])
    expected = BATCH * (2 * 2 * 9 * 3 * 2 + 8 * 7)
    assert forward(model, 4, 4, 3).multiply_adds == expected


def test_activations_are_what_operations_make():
    """A matrix product, the sum with a bias and a rectifier."""
    model = keras.Sequential([keras.Input((6,)), layers.Dense(5, "relu")])
    assert forward(model, 6).activations >= 3 * 4 * BATCH * 5


def test_the_state_is_that_of_a_checkpoint():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(5)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    assert cost.gradient_bytes(model) == 4 * 35
    # Two moments for each weight, an int64 of steps, a learning rate.
    assert cost.state_bytes(model) == 4 * 35 * 3 + 8 + 4
