"""`python -m train.export` writes what the network of a run computes."""

import json
import sys

import exported_files
import keras
import numpy as np
import pytest
import tensorflow as tf

from models import dcgan
from tfupsample.errors import UnusableInput
from train import export

pytestmark = exported_files.WARNINGS
LATENTS = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run whose generator was trained in 16 bits."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "config.json").write_text(json.dumps({"trainer": "dcgan"}))
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("mixed_bfloat16")
    generator = dcgan.generator(16, 3, 4, 2, "nearest,deconv")
    keras.config.set_dtype_policy("float32")
    generator.save(folder / "generator.keras")
    return folder


@pytest.fixture
def expected(finished):
    network = keras.models.load_model(finished / "generator.keras")
    return export.in_float32(network)(LATENTS)


def run_saved_model(path):
    loaded = tf.saved_model.load(str(path))
    return loaded.serve(LATENTS)


def run_keras(path):
    return keras.models.load_model(path)(LATENTS)


RUNS = {
    "saved_model": run_saved_model,
    "keras": run_keras,
    "tflite": lambda path: exported_files.run_litert(path, LATENTS),
    "onnx": lambda path: exported_files.run_onnx(path, LATENTS),
}


@pytest.mark.slow
@pytest.mark.parametrize("file_format", export.FORMATS)
def test_every_format_computes_what_the_network_computes(
    finished, expected, file_format, tmp_path
):
    suffix = "" if file_format == "saved_model" else f".{file_format}"
    output = tmp_path / "new" / f"exported{suffix}"
    path = export.export_run(finished, file_format, output)
    assert path == output
    assert [path] == list(output.parent.iterdir())
    np.testing.assert_allclose(RUNS[file_format](path), expected, atol=1e-4)


def test_by_default_it_lies_beside_the_network(finished, monkeypatch, capsys):
    arguments = ["export", str(finished)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert export.main() == 0
    path = finished / "saved_model"
    assert path.is_dir() and str(path) in capsys.readouterr().out


@pytest.mark.parametrize("package", ["onnx", "tf2onnx"])
def test_a_missing_package_is_named(finished, monkeypatch, capsys, package):
    monkeypatch.setitem(sys.modules, package, None)
    arguments = ["export", str(finished), "--format=onnx"]
    monkeypatch.setattr(sys, "argv", arguments)
    assert export.main() == 2
    assert "tfupsample[export]" in capsys.readouterr().err


@pytest.mark.parametrize("there", [None, "config.json", "generator.keras"])
def test_what_is_no_finished_run_is_refused(tmp_path, there):
    if there:
        (tmp_path / there).write_text("{}")
    with pytest.raises(UnusableInput, match="not the folder of a finished"):
        export.export_run(tmp_path, "keras", tmp_path / "new.keras")


@pytest.mark.parametrize(
    "file_format, output", [("keras", ""), ("onnx", "a.tflite")]
)
def test_another_output_is_asked_for(finished, file_format, output):
    with pytest.raises(UnusableInput, match=r"needs another --output"):
        export.export_run(finished, file_format, output)


@pytest.mark.parametrize("file_format", ["saved_model", "keras"])
def test_a_full_disk_is_said_and_nothing_is_left(
    finished, file_format, tmp_path
):
    """Beyond the limit of a file's size, as on a full disk, write fails."""
    resource = pytest.importorskip("resource")
    suffix = "" if file_format == "saved_model" else f".{file_format}"
    path = tmp_path / f"new{suffix}"
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            export.export_run(finished, file_format, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert not list(tmp_path.iterdir())


def test_a_damaged_network_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "network.keras").write_text("Not a network.")
    with pytest.raises(UnusableInput, match="damaged"):
        export.export_run(tmp_path, "saved_model")


def test_no_folder_of_something_else_is_replaced(finished, tmp_path):
    (tmp_path / "thesis.txt").write_text("Years of work.")
    with pytest.raises(UnusableInput, match="a folder of something else"):
        export.export_run(finished, "saved_model", tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_models_and_layers_within_others_become_float32():
    with_policy = {"dtype": "mixed_bfloat16"}
    inner = keras.Sequential(
        [keras.layers.TimeDistributed(keras.layers.Dense(3, **with_policy))],
        name="inner",
    )
    inputs = keras.Input((2, 4))
    model = keras.Model(inputs, inner(inputs))
    copy = export.in_float32(model)
    layers = [*copy._flatten_layers(include_self=False)]
    assert {layer.compute_dtype for layer in layers} == {"float32"}
    for a, b in zip(copy.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
