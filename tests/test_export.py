"""LiteRT and ONNX files compute what the layer computes."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfupsample
from tfupsample import (
    BlurDownsample2D,
    BlurUpsample2D,
    FilteredConvTranspose2D,
    PaddedConv2D,
    ResizeConv2D,
)

# Both come from the exporters, not from this package.
pytestmark = [
    pytest.mark.filterwarnings(r"ignore:\s*Warning. tf.lite.Interpreter is"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`"),
]
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


def run_litert(path, x):
    interpreter = tf.lite.Interpreter(model_path=str(path))
    (source,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(source["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    (result,) = interpreter.get_output_details()
    return interpreter.get_tensor(result["index"])


def run_onnx(path, x):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path)
    (source,) = session.get_inputs()
    (y,) = session.run(None, {source.name: x})
    return y


FORMATS = {"litert": run_litert, "onnx": run_onnx}


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("name", LAYERS)
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
