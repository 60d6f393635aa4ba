"""Phases computed once are those of the definition, to every order."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tfupsample import PAD_MODES, ResizeConv1D
from tfupsample.ops import repeated_phases

GEOMETRIES = [(2, 4), (3, 6), (3, 8), (4, 8), (2, 7), (5, 11)]


def derivatives(layer, x):
    """Value, gradients, and those of the length of the input's gradient."""
    weights = [v.value for v in layer.trainable_variables]
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(y**3)
        first = tape.gradient(loss, [x, *weights])
        length = tf.reduce_sum(first[0] ** 2)
    return [y, *first, *outer.gradient(length, [x, *weights])]


@pytest.mark.parametrize(
    "geometry, pad_mode", [*zip(GEOMETRIES, itertools.cycle(PAD_MODES))]
)
def test_derivatives_are_those_of_the_plain_form(rng, geometry, pad_mode):
    """By XLA, which knows all sizes, and in a graph that knows none."""
    x = tf.constant(rng.normal(size=(2, 5, 3)))
    plain, phase = (
        ResizeConv1D(
            2,
            *geometry,
            pad_mode=pad_mode,
            implementation=form,
            bias_initializer="random_normal",
            dtype="float64",
        )
        for form in ("plain", "phase")
    )
    plain.build(x.shape)
    phase.build(x.shape)
    phase.set_weights(plain.get_weights())
    assert repeated_phases.pays(*geometry)
    expected = derivatives(plain, x)
    for shape, jit_compile in ((x.shape, True), ((None, None, 3), False)):
        compiled = tf.function(
            lambda x: derivatives(phase, x),
            input_signature=[tf.TensorSpec(shape, "float64")],
            jit_compile=jit_compile,
        )
        for made, right in zip(compiled(x), expected, strict=True):
            np.testing.assert_allclose(made, right, rtol=1e-9, atol=1e-9)


def test_only_the_phases_that_differ_are_computed():
    for kernel_size, scale in GEOMETRIES:
        matrix = repeated_phases.distinct_plan(kernel_size, scale).matrix
        rows = {row.tobytes() for row in matrix}
        assert len(rows) == len(matrix) == kernel_size


@pytest.mark.parametrize("geometry", [(1, 8), (3, 4), (5, 8), (3, 2)])
def test_all_phases_are_computed_where_most_of_them_differ(geometry):
    assert not repeated_phases.pays(*geometry)
