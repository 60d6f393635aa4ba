"""Quantised models keep flat inputs flat in the plain form."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from exported_files import WARNINGS

from tfupsample import ResizeConv2D
from tfupsample.layers.plain_form import in_plain_form

pytestmark = [
    *WARNINGS,
    pytest.mark.filterwarnings("ignore:Statistics for quantized inputs"),
]
SIDE, CHANNELS = 12, 8


def build(interpolation):
    layers = [
        ResizeConv2D(8, interpolation=interpolation, activation="relu"),
        ResizeConv2D(3, interpolation=interpolation),
    ]
    shape = (SIDE, SIDE, CHANNELS)
    return keras.Sequential([keras.Input(shape, batch_size=1), *layers])


def quantised(model, rng):
    """Returns the model in int8, as a function of one input."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    seen = rng.uniform(size=(20, 1, SIDE, SIDE, CHANNELS)).astype("float32")
    converter.representative_dataset = lambda: ([x] for x in seen)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    interpreter = tf.lite.Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    (source,), (result,) = (
        interpreter.get_input_details(),
        interpreter.get_output_details(),
    )

    def run(x):
        interpreter.set_tensor(source["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(result["index"])

    return run


def share(run, rng):
    """Pattern in what flat inputs become, as a share of their spread."""
    flat = rng.uniform(size=(8, 1, 1, 1, CHANNELS)).astype("float32")
    made = np.concatenate(
        [run(np.tile(x, (1, SIDE, SIDE, 1)))[:, 12:-12, 12:-12] for x in flat]
    )
    return made.std(axis=(1, 2)).mean() / made.mean(axis=(1, 2)).std(0).mean()


@pytest.mark.slow
@pytest.mark.parametrize(
    "interpolation",
    ["nearest", pytest.param("bilinear", marks=pytest.mark.slow)],
)
def test_flat_inputs_stay_flat_in_int8(interpolation, rng, capfd):
    model = build(interpolation)
    assert share(quantised(in_plain_form(model), rng), rng) < 0.005
    if interpolation == "nearest":  # or the measure would see nothing
        assert share(quantised(model, rng), rng) > 0.005


def test_the_copy_computes_the_same_with_weights_of_its_own(rng):
    inner = build("nearest")
    image = keras.Input((2, SIDE // 2, SIDE // 2, CHANNELS), batch_size=1)
    frames = keras.layers.TimeDistributed(ResizeConv2D(CHANNELS))(image)
    model = keras.Model(image, inner(frames[:, 0]))
    copy = in_plain_form(model)
    x = rng.normal(size=image.shape).astype("float32")
    before = np.array(model(x))
    np.testing.assert_allclose(copy(x), before, atol=1e-5)
    for weight in copy.weights:
        weight.assign(weight + 1)
    np.testing.assert_array_equal(model(x), before)
    assert copy.layers[1].layer.implementation == "plain"
    assert copy.layers[-1].layers[0].implementation == "plain"
    assert model.layers[1].layer.implementation == "auto"


def test_a_subclassed_model_is_refused():
    class Own(keras.Model):
        pass

    with pytest.raises(ValueError, match="only supported for"):
        in_plain_form(Own())
