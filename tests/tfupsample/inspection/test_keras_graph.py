"""Reading a model: what it needs of Keras, and what it leaves behind."""

import re
import warnings

import keras
import numpy as np
import pytest
from keras import layers

from tfupsample.inspection.inspect import inspect_model
from tfupsample.inspection.keras_graph import networks_of, unchanged
from tfupsample.inspection.steps import scale_from_inputs
from tfupsample.inspection.upsamplings import find_upsamplings

TRIED = ("3.15",)
"""Versions of Keras whose private attributes the reader was tried on."""


def test_keras_is_a_version_that_the_reader_was_tried_on():
    version = re.match(r"\d+\.\d+", keras.__version__)[0]
    assert version in TRIED, (
        "Run tests/tfupsample/inspection with this version of Keras; if they "
        "pass, add it here."
    )


def nested():
    """Shared, nested and normalised layers, and a random one."""
    images = keras.Input((8, 8, 4))
    shared = layers.Conv2D(4, 3, padding="same", name="shared")
    inner = keras.Sequential(
        [
            keras.Input((None, None, 4)),
            layers.Conv2D(8, 3, padding="same", name="before"),
            layers.BatchNormalization(name="norm"),
            layers.ReLU(),
            layers.Lambda(lambda x: keras.ops.depth_to_space(x, 2)),
        ],
        name="inner",
    )
    x = layers.GaussianNoise(0.1)(shared(shared(images)))
    x = layers.Conv2DTranspose(4, 4, 2, "same", name="up")(x)
    return keras.Model(images, inner(x + 1.0))


def test_a_model_inside_is_called_with_the_inputs_that_it_declares():
    images = keras.Input((8, 8, 3))
    inner = keras.Model([images], layers.Conv2D(2, 3, name="inside")(images))
    outer = keras.Input((8, 8, 3))
    model = keras.Model(outer, inner(outer))
    (network,) = networks_of(model)  # a warning of Keras would end the test
    assert network.steps[-1].path.endswith("/inside")


def test_an_axis_that_a_model_adds_to_its_input_is_a_step():
    times = keras.Input((1,))
    inner = keras.Model(times, layers.Dense(4, name="dense")(times))
    outer = keras.Input(())
    (network,) = networks_of(keras.Model(outer, inner(outer)))
    steps = {step.path.rpartition("/")[2]: step for step in network.steps}
    (source,) = steps["dense"].sources
    (column,) = source.call(np.ones(8, "float32"))
    assert column.shape == (8, 1)


def test_what_is_decoded_is_a_picture_however_small():
    images = keras.Input((64, 64, 3))
    x = layers.Conv2D(4, 8, 8)(images)
    features = layers.Conv2D(4, 3, padding="same", name="features")(x)
    masks = layers.Conv2DTranspose(2, 2, 2, name="masks")(features)
    (network,) = networks_of(keras.Model(images, [features, masks]))
    assert [step.path for step in network.pictures] == ["masks"]


def test_a_gate_leaves_the_scale_of_its_image():
    images = keras.Input((32, 32, 3))
    x = layers.Conv2D(4, 3, 2, "same")(images)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Multiply()([layers.Dense(4)(gate), x])
    x = layers.Conv2D(4, 3, 2, "same", name="last")(x)
    (network,) = networks_of(keras.Model(images, x))
    steps = {step.path: step for step in network.steps}
    assert scale_from_inputs(network)[steps["last"]] == 4


def everything(model):
    """What inspecting could change."""
    operations = [*model.operations, *model.get_layer("inner").layers]
    return (
        [len(o._inbound_nodes) for o in operations],
        [len(o._outbound_nodes) for o in operations],
        [np.asarray(v).tolist() for v in model.variables],
        model.to_json(),
    )


def test_a_model_is_left_as_it_was_and_nothing_is_warned_of():
    model = nested()
    before = everything(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Of Keras and NumPy, whenever a tensor becomes an array.
        warnings.filterwarnings("ignore", "__array__")
        for _ in range(2):
            inspect_model(model, samples=1)
            find_upsamplings(model)
    assert everything(model) == before


def test_states_of_random_layers_come_back():
    model = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5)])
    before = [np.array(v) for v in model.variables]
    with unchanged(model):
        model(np.ones((1, 4)), training=True)
        assert np.any(np.asarray(model.variables[0]) != before[0])
    np.testing.assert_array_equal(model.variables[0], before[0])


def test_convolution_normalisation_and_shuffle_are_found_as_one():
    model = nested()
    found = {u.path: u for u in find_upsamplings(model)}
    assert list(found) == ["up", "inner/before"]
    assert found["up"].period == 4
    before = found["inner/before"]
    assert (before.strides, before.transposed, before.period) == (
        (2, 2),
        False,
        2,
    )
    assert [layer.name for layer in before.between][:1] == ["norm"]
    assert before.layer is model.get_layer("inner").get_layer("before")


def test_steps_carry_their_layers_and_can_be_run():
    model = nested()
    (network,) = networks_of(model)
    steps = {step.path: step for step in network.steps}
    assert steps["up"].layer is model.get_layer("up")
    assert steps["up"].strides == (2, 2)
    x = np.ones((8, 8, 8, 4), "float32")
    (y,) = steps["up"].call(x)
    np.testing.assert_allclose(y, model.get_layer("up")(x), rtol=1e-6)


def test_an_unbuilt_model_is_refused():
    with pytest.raises(ValueError, match="must be built"):
        networks_of(keras.Sequential([layers.Dense(2)]))
