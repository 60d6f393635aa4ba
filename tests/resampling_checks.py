"""What holds for every resampling whose weights depend on the content."""

import numpy as np
import tensorflow as tf


def randomize(layer, rng, deviation=0.5):
    """Gives a layer weights far from those that it starts with."""
    layer.set_weights(
        [rng.normal(0, deviation, w.shape) for w in layer.get_weights()]
    )
    return layer


def check_gradients(layer, oracle, x, rng):
    """Along random directions, of the input and of each weight, in float64.

    Args:
        layer: A layer in float64.
        oracle: Function of the layer and its input.
        x: Input, float64.
        rng: A numpy generator.
    """
    target = rng.normal(size=layer.compute_output_shape(x.shape))
    with tf.GradientTape() as tape:
        tensor = tf.constant(x)
        tape.watch(tensor)
        product = tf.reduce_sum(layer(tensor) * target)
    weights = layer.trainable_variables
    found = tape.gradient(product, [tensor, *(w.value for w in weights)])

    step = 1e-5
    values = [x, *layer.get_weights()]
    for i, gradient in enumerate(found):
        direction = rng.normal(size=values[i].shape)
        products = []
        for sign in (1, -1):
            moved = list(values)
            moved[i] = values[i] + sign * step * direction
            layer.set_weights(moved[1:])
            products.append(np.sum(oracle(layer, moved[0]) * target))
        difference = (products[0] - products[1]) / (2 * step)
        expected = np.sum(gradient * direction)
        np.testing.assert_allclose(difference, expected, rtol=1e-6, atol=1e-8)
    layer.set_weights(values[1:])


def check_flat(layer, rng, pad_mode):
    """A flat image keeps its values unless zeros lie beyond its border."""
    colour = rng.normal(1, 0.1, size=4).astype("float32")
    x = np.tile(colour, (2, 7, 8, 1))
    error = np.abs(layer(x) - colour).max(axis=(0, 3))
    assert (error.max() < 1e-5) == (pad_mode != "constant")
