"""Every public layer through the same list."""

import functools

import keras
import numpy as np
import pytest
from layer_checks import check_config, check_layer

from tfupsample import (
    BlurDownsample2D,
    BlurUpsample2D,
    FilteredConvTranspose2D,
    Pad1D,
    Pad2D,
    Pad3D,
    PaddedConv1D,
    PaddedConv2D,
    PaddedConv3D,
    ResizeConv2D,
    SubpixelConv2D,
)

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
    "padded_1d": functools.partial(
        PaddedConv1D, 4, 4, 1, "reflect", 2, **COMMON
    ),
    "padded_2d": functools.partial(
        PaddedConv2D,
        4,
        (5, 2),
        (3, 2),
        ("edge", "circular"),
        data_format="channels_first",
        **COMMON,
    ),
    "padded_3d": functools.partial(
        PaddedConv3D, 4, 3, (2, 1, 2), "edge", **COMMON
    ),
    "filtered": functools.partial(
        FilteredConvTranspose2D, 4, (2, 5), (3, 2), "reflect", **COMMON
    ),
    "filtered_channels_first": functools.partial(
        FilteredConvTranspose2D, 4, data_format="channels_first", **COMMON
    ),
}
WITHOUT_WEIGHTS = {
    "pad_1d": functools.partial(Pad1D, (1, 2), "reflect"),
    "pad_2d": functools.partial(
        Pad2D, (1, (0, 7)), "circular", data_format="channels_first"
    ),
    "pad_3d": functools.partial(Pad3D, 2, ("edge", "constant", "reflect")),
    "blur_upsample": functools.partial(
        BlurUpsample2D, (3, 1), (1, 2, 3, 2, 1), ("edge", "reflect")
    ),
    "blur_upsample_channels_first": functools.partial(
        BlurUpsample2D, 2, 3, data_format="channels_first"
    ),
    "blur_downsample": functools.partial(
        BlurDownsample2D, (3, 2), 4, ("edge", "constant")
    ),
    "blur_downsample_channels_first": functools.partial(
        BlurDownsample2D, 2, 3, data_format="channels_first"
    ),
}
ALL = LAYERS | WITHOUT_WEIGHTS


def example(rng, layer):
    """A batch of the rank that the layer takes, with three channels."""
    sizes = (5, 4, 6)[: layer.func.rank]
    return rng.normal(size=(2, *sizes, 3)).astype("float32")


@pytest.mark.parametrize("layer", [*ALL.values()], ids=ALL)
def test_layer_passes_the_list(layer, rng, tmp_path):
    check_layer(layer, example(rng, layer), tmp_path)


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
    x = example(rng, LAYERS[name])
    model = keras.Sequential([LAYERS[name]()])
    y = np.zeros_like(model(x))
    before = model.get_weights()
    model.compile("sgd", "mse", jit_compile=True)
    model.fit(x, y, verbose=0)
    assert any(
        np.abs(a - b).max() > 0 for a, b in zip(before, model.get_weights())
    )
