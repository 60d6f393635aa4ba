"""Every public layer through the same list."""

import functools
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from layer_cases import ALL, LAYERS, example
from layer_checks import (
    TOLERANCE,
    assert_close,
    check_config,
    check_layer,
    outputs,
)

import tfupsample
from tfupsample import ResizeConv2D, SubpixelConv2D

CONVS = LAYERS.values()
FORMS = {
    "nearest": ResizeConv2D,
    "bilinear_plain": functools.partial(
        ResizeConv2D, interpolation="bilinear", implementation="plain"
    ),
    "bilinear_phase": functools.partial(
        ResizeConv2D, interpolation="bilinear", implementation="phase"
    ),
    "subpixel": SubpixelConv2D,
}


@pytest.mark.parametrize("layer", [*ALL.values()], ids=ALL)
def test_layer_passes_the_list(layer, rng, tmp_path):
    check_layer(layer, example(rng, layer), tmp_path)


def test_every_public_layer_is_in_the_list():
    public = [getattr(tfupsample, name) for name in tfupsample.__all__]
    layers = {
        c
        for c in public
        if inspect.isclass(c) and issubclass(c, keras.layers.Layer)
    }
    assert layers == {case.func for case in ALL.values()}


@pytest.mark.parametrize("name", sorted({c.func.__name__ for c in CONVS}))
def test_constructors_spell_out_the_arguments_of_keras(name):
    """Or no editor completes them."""
    keras_arguments = inspect.signature(keras.layers.Conv2D).parameters
    geometry = {"kernel_size", "padding", "strides", "dilation_rate", "groups"}
    arguments = inspect.signature(getattr(tfupsample, name)).parameters
    for argument in keras_arguments.keys() - geometry:
        assert arguments[argument].default == keras_arguments[argument].default


def test_the_list_sees_a_lost_argument():
    class Forgetful(ResizeConv2D):
        def get_config(self):
            config = super().get_config()
            del config["pad_mode"]
            return config

    Forgetful.__module__ = "tfupsample.forgetful"
    with pytest.raises(AssertionError, match="lost: {'pad_mode'}"):
        check_config(Forgetful(4))


def test_the_list_sees_what_xla_computes_wrongly(rng):
    """Stock bilinear resizing at an odd scale."""

    def stock(**kwargs):
        return keras.layers.UpSampling2D(3, interpolation="bilinear", **kwargs)

    x = rng.normal(size=(2, 5, 4, 3)).astype("float32")
    expected = outputs(stock(), tf.constant(x))
    compiled = tf.function(
        functools.partial(outputs, stock()), jit_compile=True
    )
    with pytest.raises(AssertionError):
        assert_close(compiled(tf.constant(x)), expected, 1e-2)


@pytest.mark.parametrize("scale", range(1, 9))
@pytest.mark.parametrize("form", FORMS)
def test_xla_computes_every_scale_as_eager_mode(form, scale, rng):
    layer = FORMS[form](filters=2, kernel_size=3, scale=scale)
    x = tf.constant(rng.normal(size=(1, 5, 6, 2)), "float32")
    compiled = tf.function(functools.partial(outputs, layer), jit_compile=True)
    assert_close(compiled(x), outputs(layer, x), TOLERANCE["float32"])


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("form", ["bilinear_plain", "bilinear_phase"])
def test_16_bit_gradients_reach_a_relu(form, policy, rng):
    """Where XLA does not even compile stock bilinear upsampling."""

    def model(dtype):
        relu = keras.layers.ReLU(dtype=dtype)
        layer = FORMS[form](filters=2, kernel_size=3, scale=3, dtype=dtype)
        return keras.Sequential([relu, layer])

    x = tf.constant(rng.normal(size=(2, 5, 6, 3)), "float32")
    exact, short = model("float32"), model(policy)
    expected = outputs(exact, x)
    short.build(x.shape)
    short.set_weights(exact.get_weights())
    compiled = tf.function(functools.partial(outputs, short), jit_compile=True)
    assert_close(compiled(x), expected, TOLERANCE[policy])


@pytest.mark.parametrize("name", LAYERS)
def test_layer_trains_with_fit(name, rng):
    x = example(rng, LAYERS[name])
    model = keras.Sequential([LAYERS[name]()])
    y = np.zeros_like(model(x))
    before = model.get_weights()
    model.compile("sgd", "mse", jit_compile=True)
    model.fit(x, y, verbose=0)
    assert any(
        np.abs(a - b).max() > 0 for a, b in zip(before, model.get_weights())
    )
