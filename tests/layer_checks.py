"""The list that every public layer passes: `check_layer`."""

import inspect

import keras
import numpy as np
import tensorflow as tf


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
    y = keras.ops.convert_to_numpy(layer(x))
    assert layer.compute_output_shape(x.shape) == y.shape
    check_config(layer)
    check_unknown_sizes(layer, x, y, tmp_path)
    compiled = tf.function(layer, jit_compile=True)
    np.testing.assert_allclose(compiled(x), y, atol=1e-5)
    for policy in ("mixed_float16", "mixed_bfloat16"):
        check_policy(make_layer(dtype=policy), x)


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


def check_unknown_sizes(layer, x, y, tmp_path):
    """In a model, in a file and as a SavedModel."""
    channel_axis = getattr(layer, "channel_axis", -1)
    shape = [None] * x.ndim
    shape[channel_axis] = x.shape[channel_axis]
    model = keras.Sequential([keras.Input(shape[1:]), layer])
    assert model.output_shape == layer.compute_output_shape(tuple(shape))
    np.testing.assert_allclose(model(x), y, atol=1e-5)

    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(restored(x), y, atol=1e-5)

    model.export(tmp_path / "saved_model", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    np.testing.assert_allclose(served.serve(x), y, atol=1e-5)


def check_policy(layer, x):
    with tf.GradientTape() as tape:
        y = layer(x)
        loss = tf.reduce_sum(tf.cast(y, "float32") ** 2)
    assert y.dtype == layer.compute_dtype
    assert all(v.dtype == "float32" for v in layer.variables)
    for gradient in tape.gradient(
        loss, [v.value for v in layer.trainable_variables]
    ):
        assert gradient.dtype == tf.float32
        assert np.isfinite(gradient.numpy()).all()
