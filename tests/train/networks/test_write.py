"""LiteRT and ONNX files compute what the layer computes."""

import functools
import itertools

import keras
import numpy as np
import pytest
from exported_files import WARNINGS, run_litert, run_onnx

import tfupsample
from tfupsample import (
    BlurDownsample2D,
    BlurUpsample2D,
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
        "blur up": BlurUpsample2D,
        "blur down": BlurDownsample2D,
    }
    | {
        pad_mode: functools.partial(PaddedConv2D, 4, 5, 1, pad_mode)
        for pad_mode in tfupsample.PAD_MODES
    }
)


FORMATS = {"litert": run_litert, "onnx": run_onnx}


# One of each kind of computation, and what is quickest to see of sizes.
USUAL = {
    ("PaddedConv3D", False),
    ("ResizeConv2D", False),
    ("ResizeConv1D", True),
    ("SubpixelConv2D", False),
    ("bilinear plain", False),
    ("bicubic", False),
    ("filtered", False),
    ("blur down", False),
    ("reflect", False),
}


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(
    "name, known",
    [
        pytest.param(*case, marks=() if case in USUAL else pytest.mark.soak)
        for case in itertools.product(LAYERS, [True, False])
    ],
)
def test_file_computes_what_the_layer_computes(
    name, file_format, known, rng, tmp_path
):
    layer = LAYERS[name]()
    sizes = SIZES[: layer.rank]
    shape = (*sizes, 3) if known else (*[None] * layer.rank, 3)
    model = keras.Sequential([keras.Input(shape), layer])
    model(np.zeros((1, *sizes, 3), "float32"))  # or ONNX export refuses
    path = tmp_path / f"model.{file_format.replace('litert', 'tflite')}"
    model.export(path, format=file_format, verbose=False)
    for fed in [sizes] if known else [sizes, OTHER_SIZES[: layer.rank]]:
        x = rng.normal(size=(2, *fed, 3)).astype("float32")
        y = FORMATS[file_format](path, x)
        np.testing.assert_allclose(y, model(x), atol=1e-5)
