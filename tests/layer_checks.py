"""The list that every public layer passes: `check_layer`."""

import functools
import inspect

import keras
import numpy as np
import tensorflow as tf

# Largest error over the largest value, for outputs and for gradients: some
# roundings, of 6e-8, 5e-4 and 4e-3. TensorFlow on CPU needs more of the last:
# it adds up the gradient of a bias in bfloat16.
TOLERANCE = {
    "float32": 1e-5,
    "mixed_float16": 4e-3,
    "mixed_bfloat16": 6e-2,
}


def check_layer(make_layer, x, tmp_path):
    """Asserts that a layer infers shapes, keeps dtypes, saves and compiles.

    Args:
        make_layer: Function of keyword arguments of `keras.layers.Layer` that
            returns a new layer, its own arguments at other values than their
            defaults, or the config check proves nothing.
        x: Example input, float32.
        tmp_path: Folder for the saved models.
    """
    layer = make_layer()
    expected = outputs(layer, tf.constant(x))
    assert layer.compute_output_shape(x.shape) == expected[0].shape
    check_config(layer)
    check_unknown_sizes(layer, x, expected, tmp_path)
    for dtype in TOLERANCE:
        twin = make_layer(dtype=dtype)
        twin.build(x.shape)
        twin.set_weights(layer.get_weights())
        check_compiled(twin, x, expected)


def outputs(layer, x):
    """Its output; then the gradients of the squares, by input and weights."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(tf.cast(y, "float32") ** 2)
    weights = [v.value for v in layer.trainable_variables]
    return [y, *tape.gradient(loss, [x, *weights])]


def check_compiled(layer, x, expected):
    """Eager and by XLA."""
    run = functools.partial(outputs, layer)
    policy = layer.dtype_policy
    for way in (run, tf.function(run, jit_compile=True)):
        y, *gradients = way(tf.constant(x))
        assert y.dtype == policy.compute_dtype
        assert all(g.dtype == policy.variable_dtype for g in gradients)
        assert_close([y, *gradients], expected, TOLERANCE[policy.name])


def assert_close(actual, expected, tolerance):
    for a, b in zip(actual, expected, strict=True):
        b = np.asarray(b)
        error = np.abs(np.asarray(a, b.dtype) - b).max() / np.abs(b).max()
        assert error <= tolerance


def check_config(layer):
    arguments = {
        name
        for base in type(layer).__mro__
        if base.__module__.startswith("tfupsample")
        for name in inspect.signature(base.__init__).parameters
    } - {"self", "kwargs", "args"}
    config = layer.get_config()
    assert arguments <= config.keys(), f"lost: {arguments - config.keys()}"
    assert type(layer).from_config(config).get_config() == config


def check_unknown_sizes(layer, x, expected, tmp_path):
    """In a graph, in a model, in a file and as a SavedModel."""
    channel_axis = getattr(layer, "channel_axis", -1)
    shape = [None] * x.ndim
    shape[channel_axis] = x.shape[channel_axis]
    graph = tf.function(
        functools.partial(outputs, layer),
        input_signature=[tf.TensorSpec(shape, x.dtype)],
    )
    assert_close(graph(x), expected, TOLERANCE["float32"])

    model = keras.Sequential([keras.Input(shape[1:]), layer])
    assert model.output_shape == layer.compute_output_shape(tuple(shape))
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    model.export(tmp_path / "saved_model", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    for run in (model, restored, served.serve):
        np.testing.assert_allclose(run(x), expected[0], atol=1e-5)
