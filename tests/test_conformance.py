"""Every public layer through the same list."""

import functools

import keras
import numpy as np
import pytest
from layer_checks import check_config, check_layer

from tfupsample import ResizeConv2D, SubpixelConv2D

COMMON = {
    "activation": "relu",
    "use_bias": True,
    "bias_initializer": "ones",
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "kernel_constraint": "max_norm",
    "bias_constraint": "non_neg",
}
LAYERS = {
    "resize_nearest": functools.partial(
        ResizeConv2D,
        4,
        (5, 2),
        (3, 2),
        pad_mode=("edge", "circular"),
        kernel_initializer="he_normal",
        **COMMON,
    ),
    "resize_bilinear": functools.partial(
        ResizeConv2D,
        4,
        4,
        3,
        "bilinear",
        "reflect",
        "plain",
        data_format="channels_first",
        **COMMON,
    ),
    "resize_bicubic": functools.partial(
        ResizeConv2D, 4, 3, 3, "bicubic", "edge", **COMMON
    ),
    "subpixel": functools.partial(
        SubpixelConv2D, 4, (2, 5), (3, 2), "reflect", **COMMON
    ),
    "subpixel_channels_first": functools.partial(
        SubpixelConv2D, 4, 3, data_format="channels_first", **COMMON
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layer_passes_the_list(name, rng, tmp_path):
    x = rng.normal(size=(2, 5, 4, 3)).astype("float32")
    check_layer(LAYERS[name], x, tmp_path)


def test_the_list_sees_a_lost_argument():
    class Forgetful(ResizeConv2D):
        def get_config(self):
            config = super().get_config()
            del config["pad_mode"]
            return config

    Forgetful.__module__ = "tfupsample.forgetful"
    with pytest.raises(AssertionError, match="lost: {'pad_mode'}"):
        check_config(Forgetful(4))


@pytest.mark.parametrize("name", LAYERS)
def test_layer_trains_with_fit(name, rng):
    x = rng.normal(size=(4, 5, 4, 3)).astype("float32")
    model = keras.Sequential([LAYERS[name]()])
    y = np.zeros_like(model(x))
    before = model.get_weights()
    model.compile("sgd", "mse", jit_compile=True)
    model.fit(x, y, verbose=0)
    assert any(
        np.abs(a - b).max() > 0 for a, b in zip(before, model.get_weights())
    )
