import functools

import keras
import layer_checks
import numpy as np
import pytest

from tfupsample import (
    ICNR,
    UPSAMPLERS,
    Balanced,
    ResizeConv2D,
    make_upsampler,
)
from tfupsample.layers.upsampler import network_upsampler, upsampler_names


@pytest.mark.parametrize("name", UPSAMPLERS)
def test_every_upsampler_passes_the_list(name):
    layer_checks.check_upsampler(name, functools.partial(make_upsampler, name))


def ignores_pad_mode(filters, kernel_size, scale, pad_mode="edge", **kwargs):
    return ResizeConv2D(filters, kernel_size, scale, pad_mode="edge", **kwargs)


def sees_zeros(filters, kernel_size, scale, pad_mode="edge", **kwargs):
    return ResizeConv2D(
        filters, kernel_size, scale, pad_mode="constant", **kwargs
    )


def lacks_filters(**kwargs):
    return keras.Sequential([ResizeConv2D(**kwargs)])


def ignores_use_bias(use_bias=True, **kwargs):
    return ResizeConv2D(**kwargs)


def ignores_activation(activation=None, **kwargs):
    return ResizeConv2D(**kwargs)


class Wrapped(keras.layers.Layer):
    """Exposes what models read, and is of a class the inspector cannot read."""

    def __init__(self, **kwargs):
        super().__init__()
        self.layer = ResizeConv2D(**kwargs)
        self.filters = self.layer.filters
        self.kernel_size = self.layer.kernel_size

    def build(self, input_shape):
        self.layer.build(input_shape)
        self.kernel = self.layer.kernel

    def call(self, x):
        return self.layer(x)


def ignores_scale(scale=2, **kwargs):
    return ResizeConv2D(**kwargs)


@pytest.mark.parametrize(
    "careless, complaint",
    [
        (ignores_pad_mode, "'new' ignores `pad_mode`: 'circular' and 'con"),
        (sees_zeros, "'new' draws a border on a flat image with pad_mode="),
        (lacks_filters, "The layer of 'new' lacks `filters`, the number of "),
        (ignores_use_bias, "'new' ignores `use_bias=False`"),
        (ignores_activation, "'new' ignores `activation='relu'`"),
        (Wrapped, "`upsampling_gains` does not know the layer of 'new'"),
        (ignores_scale, "'new' makes .*; with filters=5 and scale=3 it must"),
    ],
)
def test_the_list_says_what_an_upsampler_lacks(careless, complaint):
    keras.utils.set_random_seed(0)
    with pytest.raises(AssertionError, match=complaint):
        layer_checks.check_upsampler("new", careless)


@pytest.mark.parametrize("name", UPSAMPLERS)
def test_only_deconv_paints_on_a_flat_image(name):
    layer = make_upsampler(name, 5, kernel_initializer="random_normal")
    y = layer(np.ones((1, 6, 6, 4), "float32")).numpy()[:, 4:-4, 4:-4]
    paints = np.ptp(y, axis=(1, 2)).max() > 1e-5
    assert paints == (name == "deconv")


def test_initializers_are_wrapped():
    for name, wrapper in (("subpixel", ICNR), ("deconv_balanced", Balanced)):
        layer = make_upsampler(name, 5, kernel_initializer="he_normal")
        assert type(layer.kernel_initializer) is wrapper
        wrapped = layer.kernel_initializer.initializer
        assert type(wrapped) is keras.initializers.HeNormal


@pytest.mark.parametrize(
    "name, ignored",
    [
        ("deconv", {"pad_mode": "edge"}),
        ("deconv_balanced", {"pad_mode": ("constant", "symmetric")}),
        ("deconv", {"strides": 2}),
        ("deconv", {"padding": "same"}),
        ("deconv_balanced", {"kernel_constraint": "max_norm"}),
        ("nearest", {"interpolation": "bilinear"}),
        ("subpixel", {"interpolation": "bilinear"}),
        ("filtered", {"implementation": "phase"}),
        ("bicubic", {"icnr": True}),
        ("carafe", {"resampling": "dysample"}),
    ],
)
def test_arguments_that_would_be_ignored_are_refused(name, ignored):
    (argument,) = ignored
    with pytest.raises(ValueError, match=argument):
        make_upsampler(name, 5, **ignored)


def test_a_network_has_one_pad_mode_for_all_who_have_any():
    zeros = network_upsampler("deconv", 5, 3, 2, "reflect")
    assert type(zeros) is keras.layers.Conv2DTranspose
    assert make_upsampler("deconv", 5, pad_mode="constant").filters == 5
    layer = network_upsampler("nearest", 5, 3, 2, "reflect", use_bias=False)
    assert layer.pad_mode == ("reflect", "reflect")
    assert make_upsampler("subpixel", 5).pad_mode == ("symmetric", "symmetric")


def test_unknown_name_lists_the_choices():
    with pytest.raises(ValueError, match="`name` must be one of .*'deconv'"):
        make_upsampler("deconvolution", 5)


def test_names_for_each_upsampling():
    assert upsampler_names("nearest", 3) == ["nearest"] * 3
    assert upsampler_names("nearest,deconv", 2) == ["nearest", "deconv"]
    assert upsampler_names(["subpixel"], 2) == ["subpixel"] * 2
    with pytest.raises(ValueError, match="one name or 3"):
        upsampler_names("nearest,deconv", 3)
    with pytest.raises(ValueError, match="Received: 'linear'"):
        upsampler_names("nearest,linear", 2)
