"""SavedModels get the verdict of the Keras models they came from, unrun."""

import json
import math
import os
import shutil

import keras
import numpy as np
import public_examples as examples
import pytest
import tensorflow as tf
from keras import layers, ops

from tfupsample import ICNR, PaddedConv2D
from tfupsample.cli import main
from tfupsample.errors import UnusableInput
from tfupsample.inspection.inspect import inspect_model
from tfupsample.inspection.saved_model import inspect_saved_model

pytestmark = pytest.mark.usefixtures("in_process")


def mixed():
    """Every kind of trap, with sizes that are not known."""
    images = keras.Input((None, None, 3))
    x = layers.MaxPooling2D()(images)
    x = layers.Conv2D(4, 3, 2, "same")(x)
    x = layers.Conv2DTranspose(4, 4, 2, "same")(x)
    x = layers.UpSampling2D()(x)
    x = layers.AveragePooling2D(2, 1)(layers.ZeroPadding2D(1)(x))
    x = layers.Conv2DTranspose(4, 3, 2, "same")(x)
    x = layers.Conv2D(12, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = ops.nn.depth_to_space(layers.ReLU()(x), 2)
    return keras.Model(images, x, name="mixed")


MODELS = {
    "mixed": mixed,
    "dcgan": examples.tensorflow_dcgan,
    "vae": examples.keras_vae,
    "super_resolution": examples.keras_super_resolution,
    "unet": lambda: examples.clean_unet(2, 1),
}


def export(model, path, form):
    if form == "export":
        model.export(path, verbose=False)
    else:
        tf.saved_model.save(model, path)


def facts(inspection):
    """What does not depend on names; order neither."""
    return sorted(
        (f.kind, f.severity, f.period or 0, round(f.magnitude or 0, 4))
        for f in inspection.findings
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, form",
    [
        *((name, "export") for name in MODELS),
        ("mixed", "save"),
        ("vae", "save"),
    ],
)
def test_verdict_is_that_of_the_keras_model(tmp_path, name, form):
    model = MODELS[name]()
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            spread = keras.random.uniform(layer.gamma.shape, 0.5, 2)
            layer.gamma.assign(spread)
    export(model, str(tmp_path / name), form)
    inspection = inspect_saved_model(tmp_path / name)
    assert facts(inspection) == facts(inspect_model(model, probe=False))
    assert "skipped" in inspection.probe


def test_paths_hold_the_names_of_layers(tmp_path):
    export(examples.keras_vae(), str(tmp_path / "vae"), "save")
    finding = inspect_saved_model(tmp_path / "vae").findings[0]
    assert "decoder" in finding.layer
    assert "up_64" in finding.layer


def test_equal_phases_are_read_from_the_variables(tmp_path):
    images = keras.Input((8, 8, 3))
    convolution = PaddedConv2D(12, 3, kernel_initializer=ICNR())
    x = ops.nn.depth_to_space(convolution(images), 2)
    model = keras.Model(images, x)
    export(model, str(tmp_path / "equal"), "save")
    assert not inspect_saved_model(tmp_path / "equal").findings
    convolution.bias.assign(np.arange(12.0))
    export(model, str(tmp_path / "unequal"), "save")
    kinds = [f.kind for f in inspect_saved_model(tmp_path / "unequal").findings]
    assert kinds == ["no ICNR"]


def test_a_kernel_that_is_no_variable_may_paint(tmp_path):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([1, 8, 8, 3])])
    def upsample(x):
        kernel = tf.reshape(x, [-1])[: 4 * 4 * 2 * 3]
        kernel = tf.reshape(kernel, [4, 4, 2, 3])
        return tf.nn.conv2d_transpose(x, kernel, [1, 16, 16, 2], 2)

    module.upsample = upsample
    tf.saved_model.save(module, str(tmp_path / "computed"), upsample)
    gain = inspect_saved_model(tmp_path / "computed").findings[0]
    assert (gain.kind, gain.severity) == ("unequal gain", "may paint")
    assert gain.magnitude is None


def test_fused_normalisation_before_a_shuffle_is_measured(tmp_path):
    module = tf.Module()
    gamma = np.repeat([1.0, 1.5, 1.0, 1.0], 2).astype("float32")

    @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3])])
    def upsample(x):
        x = tf.nn.conv2d(x, tf.ones([1, 1, 3, 8]), 1, "VALID")
        x, *_ = tf.compat.v1.nn.fused_batch_norm(
            x,
            gamma,
            *np.zeros((2, 8), "float32"),
            np.ones(8, "float32"),
            is_training=False,
        )
        return tf.nn.depth_to_space(x, 2)

    module.upsample = upsample
    tf.saved_model.save(module, str(tmp_path / "fused"), upsample)
    inspection = inspect_saved_model(tmp_path / "fused")
    share = {f.kind: f.magnitude for f in inspection.findings}["no ICNR"]
    gains = np.array([1, 1.5, 1, 1])
    expected = gains.std() / np.hypot(gains.mean(), gains.std())
    assert share == pytest.approx(expected, rel=1e-4)


@pytest.fixture
def writer(tmp_path):
    """A SavedModel that writes a file when it is called."""
    module, target = tf.Module(), tmp_path / "written"

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3])])
    def paint(x):
        with tf.control_dependencies([tf.io.write_file(str(target), "ran")]):
            kernel = tf.ones([3, 3, 3, 3])
        size = tf.shape(x) * [1, 2, 2, 1]
        return tf.nn.conv2d_transpose(x, kernel, size, 2)

    module.paint = paint
    tf.saved_model.save(module, str(tmp_path / "writer"), paint)
    return tmp_path / "writer", target


def test_nothing_runs_unless_asked_for(writer, capsys):
    path, target = writer
    assert main(["inspect", str(path)]) == 1
    assert not target.exists()
    assert "not run" in capsys.readouterr().out
    assert main(["inspect", str(path), "--run", "--samples=2", "--json"]) == 1
    assert target.read_text() == "ran"
    probe = json.loads(capsys.readouterr().out)["probe"]
    assert probe["forward"]["noise"]["2"]["variance_ratio"] > 1.5
    assert math.isfinite(probe["gradient"]["noise"]["2"]["share"])


def test_initialisers_and_files_are_left_alone(tmp_path):
    """Loading would run the one and read the other."""
    mark, pipe = tmp_path / "mark", tmp_path / "pipe"
    pipe.write_text("1234")

    class Resource(tf.saved_model.experimental.TrackableResource):
        @tf.function(input_signature=[])
        def _create_resource(self):
            return tf.raw_ops.VarHandleOp(dtype="float32", shape=[])

        @tf.function(input_signature=[])
        def _initialize(self):
            tf.io.write_file(str(mark), "ran")
            return 1

    module = tf.Module()
    module.resource = Resource()

    @tf.function(input_signature=[tf.TensorSpec([1, 8, 8, 3])])
    def serve(x):
        module.resource.resource_handle  # noqa: B018
        length = tf.strings.length(tf.io.read_file(str(pipe)))
        y = tf.nn.conv2d_transpose(x, tf.ones([3, 3, 3, 3]), [1, 16, 16, 3], 2)
        return tf.reshape(y, [1, 4 * length, 16, 3]), y

    module.serve = serve
    tf.saved_model.save(module, str(tmp_path / "model"), serve)
    mark.unlink(missing_ok=True)
    pipe.unlink()
    os.mkfifo(pipe)  # who opened it would wait for ever
    inspection = inspect_saved_model(tmp_path / "model")
    assert inspection.has("paints")
    assert not mark.exists()


def serving(path, function, *spec):
    module = tf.Module()
    module.serve = tf.function(
        function, input_signature=[tf.TensorSpec(*spec)], autograph=False
    )
    tf.saved_model.save(module, str(path), module.serve)


@pytest.mark.parametrize(
    "function, shape, said",
    [
        (lambda x: x * 2, None, "unknown rank"),
        (
            lambda x: tf.linalg.band_part(x, 1, 1),
            [1, 8, 8, 3],
            "MatrixBandPart",
        ),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path, function, shape, said):
    serving(tmp_path / "model", function, shape)
    with pytest.raises(UnusableInput, match=said):
        inspect_saved_model(tmp_path / "model")


def test_variables_are_read_only_if_they_are_stored(tmp_path):
    images = keras.Input((8, 8, 3))
    upsampled = layers.Conv2DTranspose(3, 4, 2, "same")(images)
    model = tmp_path / "model"
    export(keras.Model(images, upsampled), str(model), "save")
    gain = inspect_saved_model(model).findings[0]
    assert (gain.kind, gain.severity) == ("unequal gain", "paints")
    (data,) = (model / "variables").glob("*.data-*")
    data.write_bytes(b"")
    with pytest.raises(UnusableInput):
        inspect_saved_model(model)
    shutil.rmtree(model / "variables")
    gain = inspect_saved_model(model).findings[0]
    assert (gain.kind, gain.severity) == ("unequal gain", "may paint")


def test_a_model_that_fails_when_run_still_has_its_verdict(tmp_path):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3])])
    def picky(x):
        with tf.control_dependencies([tf.debugging.assert_less(x, -9.0)]):
            return tf.nn.conv2d(x, tf.ones([3, 3, 3, 3]), 1, "SAME")

    module.picky = picky
    tf.saved_model.save(module, str(tmp_path / "picky"), picky)
    inspection = inspect_saved_model(tmp_path / "picky", samples=2)
    assert [f.kind for f in inspection.findings] == ["zero padding"]
    assert inspection.probe["skipped"].startswith("It does not run")


def test_unusable_folders_end_in_one_sentence(tmp_path, capsys):
    export(examples.clean_unet(2, 1), str(tmp_path / "cut"), "save")
    graph = tmp_path / "cut" / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[:1000])
    assert main(["inspect", str(tmp_path / "cut")]) == 2
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 1
    tf.saved_model.save(tf.Module(), str(tmp_path / "empty"))
    with pytest.raises(UnusableInput, match="has no signature"):
        inspect_saved_model(tmp_path / "empty")
