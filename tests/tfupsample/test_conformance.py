"""Every public layer through the same list."""

import functools
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from layer_cases import ALL, CONVS, KINDS, LAYERS, example, network
from layer_checks import (
    TOLERANCE,
    assert_close,
    check_compiled,
    check_config,
    check_layer,
    outputs,
    twin,
)

import tfupsample
from tfupsample import ResizeConv2D, SubpixelConv2D

CONV_CLASSES = sorted({c.func.__name__ for c in CONVS.values()})
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


@pytest.mark.parametrize("name", ALL)
def test_layer_passes_the_list(name, rng):
    check_layer(ALL[name], example(rng, ALL[name]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        name if name in KINDS else pytest.param(name, marks=pytest.mark.slow)
        for name in ALL
    ],
)
def test_xla_computes_in_32_and_16_bits(name, rng):
    """Both kinds of 16 bits are alike; `test_backends.py` has all layers."""
    x = example(rng, ALL[name])
    layer = ALL[name]()
    expected = outputs(layer, tf.constant(x))
    check_compiled(layer, x, expected)
    short = twin(ALL[name], layer, x, "mixed_bfloat16")
    check_compiled(short, x, expected)


def test_layers_come_back_from_a_file(rng, tmp_path):
    """With images of unknown sizes."""
    model, _ = network(ALL, known=False)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    check_same_images(restored, model, ALL, rng)


@pytest.mark.slow
@pytest.mark.parametrize(
    "cases",
    [
        {name: ALL[name] for name in KINDS},
        pytest.param(ALL, marks=pytest.mark.slow),
    ],
    ids=["kinds", "all"],
)
def test_layers_come_back_from_a_saved_model(cases, rng, tmp_path):
    """With images of unknown sizes."""
    model, _ = network(cases, known=False)
    model.export(tmp_path / "saved_model", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    check_same_images(served.serve, model, cases, rng)


def check_same_images(restored, model, cases, rng):
    x = [example(rng, case) for case in cases.values()]
    made, expected = restored(x), model(x)
    for name in cases:
        np.testing.assert_allclose(
            made[name], expected[name], atol=1e-5, err_msg=name
        )


def test_every_public_layer_is_in_the_list():
    public = [getattr(tfupsample, name) for name in tfupsample.__all__]
    layers = {
        c
        for c in public
        if inspect.isclass(c) and issubclass(c, keras.layers.Layer)
    }
    assert layers == {case.func for case in ALL.values()}


@pytest.mark.parametrize(
    "name", sorted({c.func.__name__ for c in CONVS.values()})
)
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


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_xla_computes_scales_as_eager_mode(form, rng):
    x = tf.constant(rng.normal(size=(1, 5, 6, 2)), "float32")
    layers = [FORMS[form](2, 3, scale) for scale in (2, 3, 4)]

    def of_each(x):
        return [outputs(layer, x) for layer in layers]

    compiled = tf.function(of_each, jit_compile=True)
    for actual, expected in zip(of_each(x), compiled(x), strict=True):
        assert_close(actual, expected, TOLERANCE["float32"])


@pytest.mark.slow
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


def test_layers_train_with_fit(rng):
    model, layers = network(LAYERS)
    x = [example(rng, case) for case in LAYERS.values()]
    y = {name: np.zeros_like(made) for name, made in model(x).items()}
    before = {name: layer.get_weights() for name, layer in layers.items()}
    # What graphs compute is in the list.
    model.compile("sgd", dict.fromkeys(layers, "mse"), run_eagerly=True)
    model.fit(x, y, verbose=0)
    for name, weights in before.items():
        for old, new in zip(weights, layers[name].get_weights(), strict=True):
            assert np.abs(old - new).max() > 0, name
