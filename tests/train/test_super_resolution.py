"""The entry point from its command line to an enlarged picture."""

import json

import entry_points
import keras
import numpy as np
import pytest
import tensorflow as tf
from photographs import photographs
from PIL import Image

from train import super_resolution
from train.data import DataError
from train.engine.options import UsageError


@pytest.fixture
def photos(tmp_path):
    """A folder of small photographs of different sizes."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i, picture in enumerate(photographs()[:2]):
        part = picture[: 40 + i, : 60 - i]
        Image.fromarray(part).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def toy(photos, tmp_path):
    return {
        "workdir": str(tmp_path / "run"),
        "dataset": "folder",
        "data_dir": str(photos),
        "image_size": 12,
        "batch_size": 2,
        "steps": 3,
        "epochs": 2,
        "width": 2,
        "blocks": 1,
        "xla": "off",
    }


def run(options, backend="tensorflow"):
    return entry_points.run("super_resolution", options, backend)


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.soak)]
)
def test_command_leaves_a_complete_run(toy, photos, tmp_path, backend):
    result = run(toy | {"scale": 3, "test_dir": photos}, backend)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir() if p.name[0] != "."} == {
        "checkpoints",
        "config.json",
        "metrics.jsonl",
        "samples",
        "saved_model",
        "scores.json",
        "super_resolution.keras",
        "tensorboard",
    }
    metrics = (folder / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in metrics] == [3, 6]
    with Image.open(folder / "samples" / "epoch_00002.png") as grid:
        assert grid.size == (3 * 36, 2 * 36)
    scores = json.loads((folder / "scores.json").read_text())
    assert len(scores["pictures"]) == 3
    assert 0 < scores["pictures"]["mean"]["network"]["ssim"] < 1

    network = keras.models.load_model(folder / "super_resolution.keras")
    images = np.ones((2, 7, 9, 3), "float32")
    served = tf.saved_model.load(str(folder / "saved_model"))
    larger = served.serve(images)
    assert larger.shape == (2, 21, 27, 3)
    np.testing.assert_allclose(larger, network(images), atol=1e-5)


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_resumed_run_equals_an_undisturbed_one(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(super_resolution, "export", lambda *args: ())
    super_resolution.train(super_resolution.Config(**toy))
    other = toy | {"workdir": str(tmp_path / "other")}
    config = super_resolution.Config(**other)

    def stopped(*args):
        *args, callbacks = args
        # The cosine goes to `--epochs`, so a run is stopped and not shortened.
        stop = keras.callbacks.LambdaCallback(on_epoch_begin=interrupt)
        fit_dataset(*args, [*callbacks, stop])

    fit_dataset = super_resolution.Run.fit_dataset
    with monkeypatch.context() as patch:
        patch.setattr(super_resolution.Run, "fit_dataset", stopped)
        with pytest.raises(KeyboardInterrupt):
            super_resolution.train(config)
    super_resolution.train(config)
    one, two = (
        np.load(tmp_path / name / "checkpoints" / "epoch_00002.npz")
        for name in ("run", "other")
    )
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])


def interrupt(epoch, logs):
    if epoch == 1:
        raise KeyboardInterrupt


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.keras"
    network = super_resolution.build(
        super_resolution.Config(width=2, blocks=0, scale=2)
    ).network
    network.save(path)
    return str(path)


def test_a_model_is_scored_without_training(model, photos, capsys):
    super_resolution.work(
        super_resolution.Config(model=model, test_dir=str(photos))
    )
    table = capsys.readouterr().out
    assert "1.png" in table and "mean" in table


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"model": "no.keras"}, UsageError, "has no effect with --model"),
        ({"scale": 1}, UsageError, "`scale` must be an integer of at least 2"),
        ({"test_dir": "/nowhere"}, DataError, "/nowhere"),
        ({"image_size": 40}, DataError, "80 pixels a side"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(toy, change, error, message):
    with pytest.raises(error, match=message):
        super_resolution.work(super_resolution.Config(**toy | change))
