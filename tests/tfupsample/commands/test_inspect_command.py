"""`tfupsample inspect`: status, text, JSON, page and unusable files."""

import json
import os
import sys
import zipfile

import keras
import pytest
from keras import layers

from tfupsample import ResizeConv2D
from tfupsample.cli import main
from tfupsample.inspection.inspect import inspect_model
from tfupsample.model_files import sandbox

pytestmark = pytest.mark.usefixtures("in_process")


def on_images(layer):
    images = keras.Input((None, None, 3))
    return keras.Model(images, layer(images))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(0)
    models = {
        "paints": on_images(layers.Conv2DTranspose(3, 4, 2, "same")),
        "border": on_images(layers.Conv2D(3, 3, padding="same")),
        "clean": on_images(ResizeConv2D(3)),
        "unknown": on_images(layers.Lambda(lambda x: 2 * x)),
    }
    for name, model in models.items():
        model.save(folder / f"{name}.keras")
    return folder


@pytest.mark.parametrize(
    "name, status, strict",
    [("paints", 1, 1), ("border", 0, 1), ("clean", 0, 0)],
)
def test_status_says_whether_something_paints(
    saved, capsys, name, status, strict
):
    arguments = ["inspect", str(saved / f"{name}.keras"), "--samples=0"]
    assert main(arguments) == status
    assert "Findings: " in capsys.readouterr().out
    assert main([*arguments, "--strict"]) == strict


def test_json_is_the_inspection(saved, capsys):
    path = saved / "paints.keras"
    main(["inspect", str(path), "--json", "--samples=4"])
    printed = json.loads(capsys.readouterr().out)
    model = keras.saving.load_model(path)
    assert printed == inspect_model(model, samples=4).to_json()


def test_text_says_layer_period_share_and_advice(saved, capsys):
    main(["inspect", str(saved / "paints.keras"), "--samples=4"])
    text = capsys.readouterr().out
    for words in ("PAINTS: unequal gain", "period 2 px", "% of", "Train with"):
        assert words in text
    assert max(map(len, text.splitlines())) < 120


def test_page_is_written(saved, tmp_path):
    page = tmp_path / "page.html"
    path = saved / "paints.keras"
    main(["inspect", str(path), "--samples=0", f"--html={page}"])
    assert "unequal gain" in page.read_text().lower()
    assert "data:image/png" not in page.read_text()


def test_page_shows_the_spectrum_of_what_the_model_makes(saved, tmp_path):
    page = tmp_path / "page.html"
    path = saved / "paints.keras"
    main(["inspect", str(path), "--samples=4", f"--html={page}"])
    assert "data:image/png" in page.read_text()
    assert page.stat().st_size < 2e6


def test_unusable_files_end_in_one_sentence(saved, tmp_path, capsys):
    whole = (saved / "clean.keras").read_bytes()
    files = {
        "truncated.keras": whole[: len(whole) // 2],
        "text.keras": b"no model",
        "suffix.h5": whole,
        "suffix.onnx": whole,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "empty.keras", "w"):
        pass
    (tmp_path / "folder").mkdir()
    before = sorted(os.listdir(tmp_path))
    names = [*files, "empty.keras", "folder", "missing.keras"]
    paths = [tmp_path / n for n in names] + [saved / "unknown.keras"]
    for path in paths:
        page = f"--html={tmp_path / 'page.html'}"
        assert main(["inspect", str(path), page]) == 2
        out, error = capsys.readouterr()
        assert not out
        assert len(error.strip().splitlines()) == 1, error
        assert str(path) in error
    assert sorted(os.listdir(tmp_path)) == before


def test_unsafe_loads_python_code(saved, capsys):
    path = str(saved / "unknown.keras")
    assert main(["inspect", path, "--unsafe", "--samples=0"]) == 0
    with pytest.raises(SystemExit):
        main(["inspect", "--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "can do on this machine whatever you can" in printed


OWN = """
import keras

@keras.saving.register_keras_serializable("mine")
class Reflect(keras.layers.Layer):
    def call(self, x):
        return keras.ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect")
"""


def test_classes_of_ones_own_are_imported(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "my_layers.py").write_text(OWN)
    code = {}
    exec(OWN, code)
    on_images(code["Reflect"]()).save("own.keras")
    keras.saving.get_custom_objects().pop("mine>Reflect")
    assert main(["inspect", "own.keras", "--samples=0"]) == 2
    said = capsys.readouterr().err
    assert "--import=MODULE" in said and "inspect_model" in said
    own = ["inspect", "own.keras", "--samples=0"]
    assert main([*own, "--import=my_layers"]) == 0
    assert main([*own, "--import=no_such_module"]) == 2
    assert "no_such_module failed" in capsys.readouterr().err


def test_names_cannot_write_to_the_terminal(tmp_path, capsys):
    verdict = "Findings: 0 that paint, 0 that may paint, 0 notes."
    name = f"\x1b[2J\u202e\n{verdict}\n"
    path = tmp_path / "model.keras"
    on_images(layers.Conv2DTranspose(3, 4, 2, name=name)).save(path)
    assert main(["inspect", str(path), "--samples=0"]) == 1
    out = capsys.readouterr().out
    assert "\\x1b[2J\\u202e\\nFindings" in out
    assert "\x1b" not in out and "\u202e" not in out
    assert verdict not in out.splitlines()


def test_a_defect_is_not_a_finding(saved, capsys, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("of\nours")

    monkeypatch.setattr(sandbox, "call", fail)
    assert main(["inspect", str(saved / "clean.keras")]) == 3
    out, error = capsys.readouterr()
    assert not out
    assert "ZeroDivisionError: of (fail)" in error
    assert len(error.strip().splitlines()) == 1
