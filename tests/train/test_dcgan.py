"""The entry point from its command line to what it leaves behind."""

import json

import entry_points
import keras
import numpy as np
import pytest
import tensorflow as tf

from train import dcgan
from train.engine.options import UsageError


@pytest.fixture
def toy(photos, tmp_path):
    return {
        "workdir": str(tmp_path / "run"),
        "dataset": "folder",
        "data_dir": str(photos),
        "image_size": 16,
        "batch_size": 8,
        "epochs": 2,
        "width": 2,
        "latent_dim": 4,
    }


def run(toy, backend="tensorflow"):
    return entry_points.run("dcgan", toy, backend)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    "backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.slow)]
)
def test_command_leaves_a_complete_run(toy, tmp_path, backend):
    result = run(toy, backend=backend)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "run"
    assert {path.name for path in folder.iterdir()} == {
        ".lock",
        "checkpoints",
        "config.json",
        "generator.keras",
        "metrics.jsonl",
        "samples",
        "samples.png",
        "saved_model",
        "scores.json",
        "tensorboard",
        "training",
    }
    settings = json.loads((folder / "config.json").read_text())
    assert settings["config"] == {
        **{
            field: getattr(dcgan.Config(), field)
            for field in vars(dcgan.Config())
        },
        **toy,
        "precision": "float32",
    }
    assert settings["versions"]["backend"] == backend
    metrics = lines(folder / "metrics.jsonl")
    assert [(m["epoch"], m["step"]) for m in metrics] == [(1, 3), (2, 6)]
    assert all(np.isfinite(list(m.values())).all() for m in metrics)
    scores = json.loads((folder / "scores.json").read_text())
    assert scores.keys() == {"training images", "untrained", "trained"}
    for path in ("run/samples.png", "scores.json", "saved_model"):
        assert path in result.stdout
    assert "Traceback" not in result.stderr

    generator = keras.models.load_model(folder / "generator.keras")
    latents = np.ones((5, 4), "float32")
    served = tf.saved_model.load(str(folder / "saved_model"))
    np.testing.assert_allclose(
        served.serve(latents), generator(latents), atol=1e-5
    )


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_resumed_run_equals_an_undisturbed_one(toy, tmp_path, monkeypatch):
    monkeypatch.setattr("train.evaluation.gan.finish", lambda *_: None)
    toy["xla"] = "off"
    dcgan.train(dcgan.Config(**toy))
    other = toy | {"workdir": str(tmp_path / "other")}
    dcgan.train(dcgan.Config(**other | {"epochs": 1}))
    dcgan.train(dcgan.Config(**other))
    one, two = (
        np.load(tmp_path / name / "checkpoints" / "epoch_00002.npz")
        for name in ("run", "other")
    )
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])
    assert len(lines(tmp_path / "other" / "metrics.jsonl")) == 2


@pytest.mark.slow
def test_another_configuration_is_refused_by_name(toy, monkeypatch):
    monkeypatch.setattr("train.evaluation.gan.finish", lambda *_: None)
    dcgan.train(dcgan.Config(**toy | {"epochs": 0}))
    with pytest.raises(UsageError, match="kernel_size: 3 there, 5 here"):
        dcgan.train(dcgan.Config(**toy, kernel_size=5))


@pytest.mark.parametrize(
    "change, status, message",
    [
        ({"upsample": "zoom"}, 2, "`upsample` must be one of"),
        ({"image_size": 20}, 2, "`image_size` must be 4 times"),
        ({"image_size": 8}, 2, "at least 10 pixels a side"),
        ({"kernel_size": 0}, 2, "--kernel_size=0: 0 is not an integer in"),
        ({"batches": 1}, 2, "Unknown command line flag 'batches'"),
        ({"data_dir": "/nowhere"}, 3, "/nowhere"),
        ({"batch_size": 25}, 3, "25"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    toy, change, status, message, monkeypatch, capsys
):
    ended = entry_points.end_here(dcgan, toy | change, monkeypatch, capsys)
    assert ended[0] == status
    assert message in ended[1]
    assert "Traceback" not in ended[1]


def test_an_unwritable_workdir_is_one_sentence(
    toy, tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("")
    change = {"workdir": str(tmp_path / "file" / "run")}
    status, errors = entry_points.end_here(
        dcgan, toy | change, monkeypatch, capsys
    )
    assert status == 1
    assert "Not a directory" in errors
    assert "Traceback" not in errors
