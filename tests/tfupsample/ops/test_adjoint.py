"""Each map against the gradient of its plain definition, to every order."""

import numpy as np
import pytest
import tensorflow as tf

from tfupsample.ops.adjoint import add_bias, crop
from tfupsample.ops.padding import pad
from tfupsample.ops.phase_form import depth_to_space

MAPS = {
    "crop": (
        lambda x: crop(x, ((1, 2), (0, 1))),
        lambda x: x[:, 1:-2, :-1],
    ),
    "add_bias": (
        lambda x: add_bias(x, x[0, 0, 0], lambda x: x[:, ::-1]),
        lambda x: x[:, ::-1] + x[0, 0, 0],
    ),
    "add_bias of two phases": (
        lambda x: add_bias(
            tf.tile(x, (1, 1, 1, 2)),
            x[0, 0, 0],
            lambda x: depth_to_space(x, (1, 2)),
        ),
        lambda x: tf.repeat(x, 2, axis=2) + x[0, 0, 0],
    ),
    "pad": (
        lambda x: pad(x, ((1, 2), (3, 0)), ("symmetric", "symmetric")),
        lambda x: tf.pad(x, [(0, 0), (1, 2), (3, 0), (0, 0)], "SYMMETRIC"),
    ),
}


def derivatives(function, x):
    """Value and the first three derivatives of a sum of fifth powers."""
    with tf.GradientTape() as third:
        third.watch(x)
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                value = tf.reduce_sum(function(x) ** 5)
            one = first.gradient(value, x)
            square = tf.reduce_sum(one**2)
        two = second.gradient(square, x)
        cube = tf.reduce_sum(two**2)
    return value, one, two, third.gradient(cube, x)


@pytest.mark.parametrize("name", MAPS)
def test_derivatives_are_those_of_the_definition(rng, name):
    """By XLA, which knows all sizes, and in a graph that knows none."""
    ours, definition = MAPS[name]
    x = tf.constant(rng.normal(size=(2, 5, 4, 3)))
    expected = derivatives(definition, x)
    for shape, jit_compile in ((x.shape, True), ((None, None, None, 3), False)):
        compiled = tf.function(
            lambda x: derivatives(ours, x),
            input_signature=[tf.TensorSpec(shape, "float64")],
            jit_compile=jit_compile,
        )
        for a, b in zip(compiled(x), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9)
