"""The trainer of the classifier, at toy size."""

import json

import entry_points
import keras
import numpy as np
import pytest
from PIL import Image

from train import classifier
from train.data.drawing import SHAPES
from train.data.reading import class_names
from train.data.shapes import Shapes
from train.engine.options import UsageError
from train.evaluation import accuracy
from train.networks.weights import in_float32

CLASSES = {"blue": (0, 0, 200), "green": (0, 200, 0), "red": (200, 0, 0)}


@pytest.fixture
def toy(rng, tmp_path):
    """Pictures of three colours with noise, so easy to tell apart."""
    for part, count in (("train", 16), ("test", 5)):
        for name, colour in CLASSES.items():
            folder = tmp_path / part / name
            folder.mkdir(parents=True)
            for i in range(count):
                noise = rng.integers(0, 50, size=(8, 8, 3))
                pixels = (noise + colour).astype("uint8")
                Image.fromarray(pixels).save(folder / f"{i:02d}.png")
    return {
        "workdir": str(tmp_path / "run"),
        "dataset": "folder",
        "data_dir": str(tmp_path / "train"),
        "test_dir": str(tmp_path / "test"),
        "image_size": 8,
        "batch_size": 8,
        # Every one of four seeds learns; at width 4, some do not.
        "epochs": 12,
        "width": 16,
        "learning_rate": 0.03,
        "xla": "off",
    }


def command(toy, backend="tensorflow"):
    return entry_points.run("classifier", toy, backend)


@pytest.mark.parametrize(
    "backend, precision",
    [
        pytest.param("tensorflow", "mixed_bfloat16", marks=pytest.mark.slow),
        pytest.param("jax", "float32", marks=pytest.mark.soak),
    ],
)
def test_command_leaves_a_complete_run(toy, tmp_path, backend, precision):
    result = command(toy | {"precision": precision}, backend)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "run"
    assert {path.name for path in folder.iterdir()} >= {
        "checkpoints",
        "classes.json",
        "classifier.keras",
        "metrics.jsonl",
        "saved_model",
        "scores.json",
    }
    assert json.loads((folder / "classes.json").read_text()) == [*CLASSES]
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["test images"] == 15
    assert f"Accuracy on 15 test images: {scores['accuracy']:.2%}" in (
        result.stdout
    )
    assert scores["accuracy"] > 0.9
    model = keras.saving.load_model(folder / "classifier.keras")
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    for index, colour in enumerate(CLASSES.values()):
        flat = np.broadcast_to(np.array(colour, "uint8"), (1, 16, 9, 3))
        assert accuracy.predicted(model, flat).argmax() == index


def test_classes_of_prepared_data_have_names(tmp_path):
    shapes = Shapes(config="32", data_dir=str(tmp_path))
    assert class_names(shapes) == {"shape": SHAPES}


def test_scores_count_confusions_by_hand():
    right = np.array([0, 0, 0, 0, 1, 1, 2])
    guesses = np.array([0, 1, 1, 2, 1, 1, 0])
    scores = accuracy.accuracy_scores(
        np.eye(3)[guesses], right, ("cat", "dog", "fox")
    )
    assert scores["accuracy"] == pytest.approx(3 / 7)
    assert scores["accuracy by class"] == {"cat": 0.25, "dog": 1.0, "fox": 0.0}
    assert scores["confusions"] == [
        {"class": "fox", "taken for": "cat", "share": 1.0},
        {"class": "cat", "taken for": "dog", "share": 0.5},
        {"class": "cat", "taken for": "fox", "share": 0.25},
    ]


def test_a_copy_in_float32_has_the_same_weights(rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = classifier.classifier(None, width=2)
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile("adam", "mse")
    copy = in_float32(model)
    assert not copy.compiled
    images = rng.normal(size=(4, 16, 16, 3)).astype("float32")
    exact = copy.predict(images, verbose=0)
    np.testing.assert_allclose(model(images), exact, atol=0.05)
    reference = classifier.classifier(None, width=2)
    reference.set_weights(model.get_weights())
    np.testing.assert_allclose(reference(images), exact, rtol=1e-4, atol=1e-6)


def test_renamed_classes_are_noticed_when_a_run_resumes(
    toy, tmp_path, monkeypatch
):
    monkeypatch.setattr("train.classifier.finish", lambda *_: None)
    monkeypatch.setattr(
        classifier.Run, "fit_dataset", lambda run, *_: run.log({"epoch": 1})
    )
    config = classifier.Config(**toy | {"width": 1})
    classifier.train(config)
    for part in ("train", "test"):  # in the same order
        (tmp_path / part / "green").rename(tmp_path / part / "lime")
    with pytest.raises(UsageError, match="blue, green, red.*blue, lime, red"):
        classifier.train(config)


def test_step_size_rises_and_falls(toy):
    config = classifier.Config(**toy | {"learning_rate": 0.1})
    rate = classifier.build(config, 3, 3, 100).optimizer._learning_rate
    rates = [float(rate(step)) for step in (0, 10, 20, 60, 100)]
    np.testing.assert_allclose(rates, [0, 0.05, 0.1, 0.05, 0], atol=1e-6)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"label": "shape"}, "--label must be one of"),
        ({"test_dir": ""}, "needs --test_dir"),
        ({"width": 0}, "`width` must be an integer"),
        ({"test_dir": "other"}, "the same classes"),
    ],
)
def test_what_cannot_be_used_is_named(toy, tmp_path, change, message):
    if change.get("test_dir"):
        (tmp_path / "test" / "blue").rename(tmp_path / "test" / "azure")
        change = {}
    with pytest.raises(UsageError, match=message):
        classifier.train(classifier.Config(**toy | change))
