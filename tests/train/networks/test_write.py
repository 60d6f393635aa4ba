"""LiteRT and ONNX files compute what the layer computes."""

import functools

import keras
import numpy as np
import pytest
from exported_files import WARNINGS, run_litert, run_onnx

import tfupsample
from tfupsample import (
    AliasFreeConv2D,
    BlurDownsample2D,
    BlurUpsample2D,
    Carafe2D,
    ContentAwareConv2D,
    DySample2D,
    FilteredActivation,
    FilteredConvTranspose2D,
    PaddedConv2D,
    ResizeConv2D,
)

pytestmark = WARNINGS
SIZES = (6, 5, 4)
OTHER_SIZES = (3, 8, 7)
LAYERS = (
    {
        f"{kind}{rank}D": functools.partial(
            getattr(tfupsample, f"{kind}{rank}D"), 4, 3
        )
        for kind in ("PaddedConv", "ResizeConv", "SubpixelConv")
        for rank in (1, 2, 3)
    }
    | {
        "nearest plain": functools.partial(
            ResizeConv2D, 4, 5, pad_mode="reflect"
        ),
        "bilinear phase": functools.partial(ResizeConv2D, 4, 3, 3, "bilinear"),
        "bilinear plain": functools.partial(
            ResizeConv2D, 4, 3, 2, "bilinear", "circular"
        ),
        "bicubic": functools.partial(ResizeConv2D, 4, 3, 2, "bicubic"),
        "filtered": functools.partial(FilteredConvTranspose2D, 4),
        "carafe": functools.partial(Carafe2D, 2, 3, 3, 8),
        "carafe groups": functools.partial(
            Carafe2D, (1, 3), groups=3, pad_mode="reflect"
        ),
        "dysample": functools.partial(DySample2D, 2, 1),
        "dysample groups": functools.partial(
            DySample2D, (3, 2), 3, "lp", True, "glorot_uniform", "reflect"
        ),
        "dysample pl": functools.partial(
            DySample2D, (1, 3), 1, "pl", pad_mode=("constant", "circular")
        ),
        "content-aware": functools.partial(ContentAwareConv2D, 4),
        "alias-free": functools.partial(AliasFreeConv2D, 4, 3, (2, 3)),
        "filtered activation": functools.partial(FilteredActivation, "relu"),
        "blur up": BlurUpsample2D,
        "blur down": BlurDownsample2D,
    }
    | {
        pad_mode: functools.partial(PaddedConv2D, 4, 5, 1, pad_mode)
        for pad_mode in tfupsample.PAD_MODES
    }
)

CHAIN = (
    "reflect",
    "carafe",
    "SubpixelConv2D",
    "dysample",
    "blur down",
    "bilinear plain",
    "filtered",
)
FORMATS = {"litert": run_litert, "onnx": run_onnx}


def check_file(layers, known, file_format, rng, tmp_path):
    """Exports layers one after another, and compares."""
    rank = layers[0].rank
    sizes = SIZES[:rank]
    shape = (*sizes, 3) if known else (*[None] * rank, 3)
    model = keras.Sequential([keras.Input(shape), *layers])
    model(np.zeros((1, *sizes, 3), "float32"))  # or ONNX export refuses
    path = tmp_path / f"model.{file_format.replace('litert', 'tflite')}"
    model.export(path, format=file_format, verbose=False)
    for fed in [sizes] if known else [sizes, OTHER_SIZES[:rank]]:
        x = rng.normal(size=(2, *fed, 3)).astype("float32")
        y = FORMATS[file_format](path, x)
        np.testing.assert_allclose(y, model(x), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("file_format", FORMATS)
def test_file_computes_what_a_chain_of_layers_computes(
    file_format, rng, tmp_path
):
    """One of each kind, for an answer soon."""
    layers = [LAYERS[name]() for name in CHAIN]
    check_file(layers, False, file_format, rng, tmp_path)


@pytest.mark.parametrize("file_format", FORMATS)
def test_file_of_known_sizes_computes_what_the_layer_computes(
    file_format, rng, tmp_path
):
    check_file([LAYERS["PaddedConv3D"]()], True, file_format, rng, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("name", LAYERS)
def test_file_computes_what_the_layer_computes(
    name, file_format, known, rng, tmp_path
):
    check_file([LAYERS[name]()], known, file_format, rng, tmp_path)
