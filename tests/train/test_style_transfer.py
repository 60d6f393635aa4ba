"""The entry point: a training from start to end, and painting with it."""

import dataclasses
import json

import entry_points
import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from models import perceptual
from models.classifier import classifier
from tfupsample import cli
from train import style_transfer as trainer
from train.data import DataError
from train.data.styles import EMBEDDED, load_styles
from train.engine.options import UsageError
from train.networks import features


def save_noise(rng, path, width, height):
    pixels = rng.integers(0, 255, size=(height, width, 3), dtype="uint8")
    Image.fromarray(pixels).save(path)


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture
def toy(rng, tmp_path):
    for folder, names in (("photos", "abcd"), ("styles", ("one", "two"))):
        (tmp_path / folder).mkdir()
        for name in names:
            save_noise(rng, tmp_path / folder / f"{name}.png", 44, 40)
    return trainer.Config(
        workdir=str(tmp_path / "run"),
        dataset="folder",
        data_dir=str(tmp_path / "photos"),
        styles=str(tmp_path / "styles"),
        image_size=32,
        style_size=32,
        batch_size=2,
        steps=2,
        epochs=2,
        width=2,
        blocks=1,
        features="multiscale",
        xla="off",
    )


def command(config, backend="tensorflow"):
    settings = {
        name: value
        for name, value in dataclasses.asdict(config).items()
        if value != getattr(trainer.Config(), name)
    }
    return entry_points.run("style_transfer", settings, backend)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_command_leaves_a_complete_run_that_paints(toy, tmp_path, backend):
    result = command(toy, backend)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    check_run(tmp_path)


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_training_leaves_a_complete_run_that_paints(toy, tmp_path):
    trainer.train(toy)
    check_run(tmp_path)


def check_run(tmp_path):
    run = tmp_path / "run"
    assert {path.name for path in run.iterdir()} == {
        ".lock",
        "checkpoints",
        "config.json",
        "metrics.jsonl",
        "samples",
        "samples.png",
        "saved_model",
        "scores.json",
        "style_transfer.keras",
        "styles.json",
        "tensorboard",
    }
    assert json.loads((run / "styles.json").read_text()) == ["one", "two"]
    scores = json.loads((run / "scores.json").read_text())
    assert list(scores) == ["photographs", "untrained", "trained"]
    metrics = [
        json.loads(x) for x in (run / "metrics.jsonl").read_text().splitlines()
    ]
    assert [m["step"] for m in metrics] == [2, 4]
    assert all(np.isfinite(list(m.values())).all() for m in metrics)
    sheet = pixels(run / "samples" / "epoch_00002.png")
    assert sheet.shape == (3 * 32, 3 * 32, 3)  # a photograph, and in each style

    network = keras.models.load_model(run / "style_transfer.keras")
    inputs = [np.zeros((1, 32, 32, 3), "float32"), np.float32([[1, 0]])]
    served = tf.saved_model.load(str(run / "saved_model"))
    np.testing.assert_allclose(served.serve(inputs), network(inputs), atol=1e-5)

    source, painted = tmp_path / "photos" / "a.png", tmp_path / "painted.png"
    words = ["apply", str(run), str(source), "-o", str(painted)]
    assert cli.main([*words, "--style=one:1,two:3"]) == 0
    image = pixels(source) / 127.5 - 1
    expected = network([image[None], np.float32([[0.25, 0.75]])])[0]
    expected = np.clip(expected, -1, 1)
    actual = pixels(painted) / 127.5 - 1
    np.testing.assert_allclose(actual, expected, atol=0.51 / 127.5 + 1e-4)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"upsample": "zoom"}, UsageError, "`upsample` must be one of"),
        ({"data_dir": "/nowhere"}, DataError, "/nowhere"),
        ({"image_size": 64}, DataError, "No picture is at least 64 pixels"),
        ({"styles": "/nowhere"}, DataError, "--styles must name"),
        ({"features": "classifier"}, UsageError, "needs --classifier"),
        (
            {"features": "classifier", "classifier": "x.keras"},
            UsageError,
            "There is no file x.keras",
        ),
        (
            {"classifier": "x.keras"},
            UsageError,
            "--classifier has no effect with --features=multiscale",
        ),
        ({"vgg_weights": "x.h5"} | {"features": "vgg19"}, UsageError, "x.h5"),
    ],
)
def test_what_cannot_be_used_is_named(toy, change, error, message):
    with pytest.raises(error, match=message):
        trainer.train(dataclasses.replace(toy, **change))


def test_embedded_styles_need_no_download():
    styles = load_styles("embedded", 64)
    assert tuple(styles) == EMBEDDED
    for pixels in styles.values():
        assert min(pixels.shape[:2]) == 64
        assert pixels.min() >= -1 and pixels.max() <= 1 and pixels.std() > 0.05


@pytest.mark.parametrize("has_classifier", [True, False])
def test_without_the_weights_of_vgg19_the_next_best_is_taken(
    toy, tmp_path, monkeypatch, caplog, has_classifier
):
    def no_download(weights):
        raise OSError("no connection")

    monkeypatch.setattr(perceptual, "vgg19", no_download)
    path = tmp_path / "classifier.keras"
    classifier(None, width=2).save(path)
    config = dataclasses.replace(
        toy,
        features="vgg19",
        classifier=str(path) if has_classifier else "",
    )
    name, network = features.load_features(config)
    assert name == ("classifier" if has_classifier else "multiscale")
    assert len(network.outputs) - 1 == (9 if has_classifier else 4)
    assert f"--features={name} instead" in caplog.text
