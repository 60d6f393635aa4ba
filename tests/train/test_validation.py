"""Networks are measured on what they do not learn from; the best is kept."""

import dataclasses
import gc
import importlib
import json

import keras
import numpy as np
import pytest
from PIL import Image

from train.engine.config import RunConfig
from train.engine.options import UsageError
from train.engine.run import Run
from train.evaluation.distances import sample_distances
from train.evaluation.validation import (
    Validation,
    ValidationConfig,
    divided,
    keep_best_option,
)


@dataclasses.dataclass(frozen=True)
class Config(ValidationConfig, RunConfig):
    """Settings of a toy."""

    keep_best: str = keep_best_option("psnr_db", "sliced_wasserstein")


def test_images_are_held_out_evenly_and_not_learned_from():
    images = np.arange(40).reshape(40, 1, 1, 1)
    learned, kept = divided(Config(validation=0.1), images)
    assert kept.ravel().tolist() == [0, 10, 20, 30]
    assert sorted([*learned.ravel(), *kept.ravel()]) == list(range(40))
    assert len(divided(Config(), images)[1]) == 0
    many = np.zeros((10_000, 1, 1, 1), "uint8")
    assert len(divided(Config(validation=0.5), many)[1]) == 1024


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"validation": 0.01}, "at least 2 of the 40 training images"),
        ({"keep_best": "psnr_db"}, "--keep_best has no effect without --vali"),
        ({"evaluate_every": 2}, "--evaluate_every has no effect without"),
    ],
)
def test_flags_that_hold_out_nothing_are_refused(settings, said):
    with pytest.raises(UsageError, match=said):
        divided(Config(**settings), np.zeros((40, 1, 1, 1)))


def fit(folder, values, epochs, **settings):
    """Trains a toy whose score after each measurement is the next value."""
    gc.collect()  # or the run before still holds the folder
    config = Config(
        workdir=str(folder),
        epochs=epochs,
        batch_size=2,
        validation=0.5,
        **settings,
    )
    run = Run("toy", config)
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 1)]
    )
    model.compile("sgd", "mse", jit_compile=False)
    values = iter(values)
    metric = settings.get("keep_best", "psnr_db")
    validation = Validation(
        run, "toy", lambda: {metric: next(values)}, lambda: model
    )
    weights = {}
    noted = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda i, _: weights.setdefault(i + 1, model.get_weights())
    )
    images = np.arange(64, dtype="uint8").reshape(4, 4, 4, 1)
    run.fit(
        *(model, images, lambda: np.zeros((1, 4, 4, 1))),
        labels=images.astype("float32"),
        callbacks=[noted, validation],
    )
    validation.announce()
    return weights


def scores(folder, key):
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line).get(key) for line in lines]


def check_kept(folder, weights):
    kept = keras.models.load_model(folder / "best" / "toy.keras")
    for a, b in zip(kept.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "metric, best", [("psnr_db", 2), ("sliced_wasserstein", 3)]
)
def test_the_best_is_kept_and_named(tmp_path, capsys, metric, best):
    weights = fit(tmp_path, [5, 7, 2, 7], 4, keep_best=metric)
    check_kept(tmp_path, weights[best])
    assert scores(tmp_path, f"val_{metric}") == [5, 7, 2, 7]
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith(f"Best network: {tmp_path}/best/toy.keras, val_")
    assert said.endswith(f"after epoch {best}")


def test_a_resumed_run_knows_what_was_best(tmp_path, capsys):
    weights = fit(tmp_path, [5, 7], 2, keep_best="psnr_db")
    later = fit(tmp_path, [6], 3, keep_best="psnr_db")
    check_kept(tmp_path, weights[2])
    assert capsys.readouterr().out.splitlines()[-1].endswith("after epoch 2")
    later = fit(tmp_path, [8], 4, keep_best="psnr_db")
    check_kept(tmp_path, later[4])


def test_it_is_measured_as_often_as_asked_and_at_the_end(tmp_path):
    fit(tmp_path, [1, 2, 3], 5, evaluate_every=2, keep_best="psnr_db")
    assert scores(tmp_path, "val_psnr_db") == [None, 1, None, 2, 3]


def test_nothing_is_kept_unless_asked(tmp_path, capsys):
    fit(tmp_path, [1], 1)
    assert not (tmp_path / "best").exists()
    assert "Best" not in capsys.readouterr().out


def test_samples_are_as_far_as_their_distribution(rng):
    images = rng.integers(0, 255, (32, 16, 16, 3), dtype="uint8")
    same = sample_distances(images, images)
    assert same == {"sliced_wasserstein": 0, "spectral_db": 0}
    assert min(sample_distances(images // 2, images).values()) > 0


@pytest.fixture
def coloured(rng, tmp_path):
    """Twelve pictures in each of two classes."""
    for name, channel in (("red", 0), ("green", 1)):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(0, 90, (32, 32, 3), dtype="uint8")
            pixels[..., channel] += 150
            Image.fromarray(pixels).save(folder / f"{i}.png")
    return str(tmp_path / "pictures")


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "name, metric, file",
    [
        ("autoencoder", "psnr_db", "autoencoder"),
        ("classifier", "accuracy", "classifier"),
        ("super_resolution", "psnr_db", "super_resolution"),
        ("dcgan", "sliced_wasserstein", "generator"),
    ],
)
def test_every_trainer_measures_and_keeps(
    name, metric, file, coloured, tmp_path
):
    trainer = importlib.import_module(f"train.{name}")
    special = {
        "classifier": {"test_dir": coloured},
        "dcgan": {"samples": 16, "latent_dim": 4},
        "super_resolution": {"steps": 2, "blocks": 0},
    }
    config = trainer.Config(
        workdir=str(tmp_path / "run"),
        dataset="folder",
        data_dir=coloured,
        image_size=16,
        batch_size=4,
        epochs=2,
        width=2,
        validation=0.25,
        keep_best=metric,
        xla="off",
        **special.get(name, {}),
    )
    trainer.train(config)
    found = scores(tmp_path / "run", f"val_{metric}")
    assert len(found) == 2 and np.isfinite(found).all()
    best = keras.models.load_model(tmp_path / "run/best" / f"{file}.keras")
    last = keras.models.load_model(tmp_path / "run" / f"{file}.keras")
    assert [w.shape for w in best.weights] == [w.shape for w in last.weights]
