"""What Keras 2 wrote is read; what Keras 3 cannot do is said plainly."""

import json

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import load_keras


def to_keras_2(config):
    """Writes a configuration as Keras 2 did."""
    for layer in config["config"]["layers"]:
        options = layer["config"]
        options["dtype"] = "float32"
        if layer["class_name"] == "InputLayer":
            options["batch_input_shape"] = options.pop("batch_shape")
            del options["optional"]
        if "Transpose" in layer["class_name"]:
            options["groups"] = 1
        if layer["class_name"] == "BatchNormalization":
            options["axis"] = [3]
            options |= {"renorm": False, "virtual_batch_size": None}
        if layer["class_name"] == "LSTM":
            options |= {"time_major": False, "implementation": 2}


def rewrite(path, change):
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config)
        file.attrs["model_config"] = json.dumps(config)


@pytest.fixture
def model():
    return keras.Sequential(
        [
            keras.Input((3, 8)),
            layers.LSTM(16),
            layers.Reshape((2, 2, 4)),
            layers.BatchNormalization(),
            layers.Conv2DTranspose(3, 4, 2, "same"),
            layers.Conv2D(2, 3, groups=1),
        ]
    )


def test_options_that_are_gone_are_dropped(model, tmp_path):
    path = tmp_path / "old.h5"
    model.save(path)
    rewrite(path, to_keras_2)
    with pytest.raises(Exception, match="Unrecognized keyword|batch_shape"):
        keras.saving.load_model(path, compile=False)
    loaded = load_keras(path)
    x = np.random.default_rng(0).normal(size=(2, 3, 8)).astype("float32")
    np.testing.assert_array_equal(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0)
    )


def test_the_first_layer_may_hold_the_shape_of_the_input(tmp_path):
    path = tmp_path / "older.h5"
    keras.Sequential([keras.Input((5,)), layers.Dense(2)]).save(path)

    def change(config):
        _, dense = config["config"]["layers"]
        dense["config"]["batch_input_shape"] = [None, 5]
        config["config"]["layers"] = [dense]

    rewrite(path, change)
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        assert load_keras(path).input_shape == (None, 5)


def test_options_that_mattered_are_refused_by_name(model, tmp_path):
    path = tmp_path / "grouped.h5"
    model.save(path)
    rewrite(
        path, lambda c: c["config"]["layers"][-2]["config"].update(groups=2)
    )
    with pytest.raises(UnusableInput) as caught:
        load_keras(path)
    said = str(caught.value)
    assert said.endswith("passed to Conv2DTranspose: {'groups': 2}")
    assert len(said) < len(str(path)) + 120


@keras.saving.register_keras_serializable(package="tests")
class Drawn(keras.initializers.Initializer):
    """Notes that it was asked for weights."""

    count = 0

    def __call__(self, shape, dtype=None):
        Drawn.count += 1
        return keras.ops.ones(shape, dtype)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_no_weights_are_drawn_for_those_of_a_file(tmp_path, suffix):
    layer = keras.layers.Conv2DTranspose(2, 3, kernel_initializer=Drawn())
    model = keras.Sequential([keras.Input((4, 4, 1)), layer])
    layer.kernel.assign(3 * layer.kernel)
    path = tmp_path / f"model.{suffix}"
    model.save(path)
    before = Drawn.count
    loaded = load_keras(path)
    assert Drawn.count == before
    for old, new in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(old, new)
    loaded.layers[0].from_config(layer.get_config()).build((None, 4, 4, 1))
    assert Drawn.count == before + 1
