"""The entry point from its command line to what it leaves behind."""

import json
import sys

import entry_points
import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfupsample import BorderLoss, SpectralLoss, TotalVariationLoss
from train import autoencoder
from train.data import DataError
from train.engine.config import LossConfig
from train.engine.options import UsageError
from train.evaluation import artifacts


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
        "code": 2,
        "depth": 2,
        "xla": "off",
    }


def run(settings, backend="tensorflow"):
    return entry_points.run("autoencoder", settings, backend)


EVERYTHING = {
    "variational": True,
    "border_weight": 0.1,
    "spectral_weight": 1e-3,
    "tv_weight": 0.1,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend, extra",
    [
        ("tensorflow", {}),
        pytest.param("jax", EVERYTHING, marks=pytest.mark.soak),
    ],
)
def test_command_leaves_a_complete_run(toy, tmp_path, backend, extra):
    result = run(toy | extra, backend)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    folder = tmp_path / "run"
    metrics = (folder / "metrics.jsonl").read_text().splitlines()
    metrics = [json.loads(line) for line in metrics]
    assert [(m["epoch"], m["step"]) for m in metrics] == [(1, 2), (2, 4)]
    assert all(np.isfinite(list(m.values())).all() for m in metrics)
    assert ("divergence" in metrics[0]) == bool(extra)
    scores = json.loads((folder / "scores.json").read_text())
    assert scores.keys() == {"test images", "reconstructions"}

    network = keras.models.load_model(folder / "autoencoder.keras")
    _, test = autoencoder.load(autoencoder.Config(**toy))
    test = test.astype("float32") / 127.5 - 1
    made = network(test).numpy()
    reached = json.loads((folder / "reconstruction.json").read_text())
    expected = autoencoder.reconstruction_scores(test, made)
    assert reached["psnr_db"] == pytest.approx(expected["psnr_db"], abs=0.01)
    assert f"PSNR {reached['psnr_db']:.2f} dB" in result.stdout
    served = tf.saved_model.load(str(folder / "saved_model"))
    np.testing.assert_allclose(served.serve(test), made, atol=1e-5)
    with Image.open(folder / "samples.png") as grid:
        assert grid.size == (2 * 2 * 32, 2 * 2 * 16)  # zoom, pairs, pixels


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_resumed_run_equals_an_undisturbed_one(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(autoencoder, "finish", lambda *_: None)
    toy |= EVERYTHING
    other = toy | {"workdir": str(tmp_path / "other")}
    autoencoder.train(autoencoder.Config(**toy))
    autoencoder.train(autoencoder.Config(**other | {"epochs": 1}))
    autoencoder.train(autoencoder.Config(**other))
    one, two = (
        np.load(tmp_path / name / "checkpoints" / "epoch_00002.npz")
        for name in ("run", "other")
    )
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])


def test_every_tenth_picture_of_a_folder_is_for_the_test(toy, photos):
    images, test = autoencoder.load(autoencoder.Config(**toy))
    assert (len(images), len(test)) == (21, 3)
    both = np.insert(images, [0, 9, 18], test, axis=0)
    for i, picture in enumerate(both):
        pixels = np.asarray(Image.open(photos / f"{i:02d}.png"))
        np.testing.assert_array_equal(picture, pixels[:, 2:18])


def test_one_picture_is_too_few(toy, photos):
    for path in list(photos.iterdir())[1:]:
        path.unlink()
    with pytest.raises(DataError, match="both training and test"):
        autoencoder.load(autoencoder.Config(**toy))


def test_loss_config_is_the_weighted_sum(rng):
    real, made = rng.normal(size=(2, 4, 16, 16, 3)).astype("float32")
    parts = (BorderLoss(), SpectralLoss(), TotalVariationLoss())
    expected = sum(w * float(f(real, made)) for w, f in zip((2, 3, 5), parts))
    loss = LossConfig(2.0, 3.0, 5.0).image_loss()
    assert float(loss(real, made)) == pytest.approx(expected, rel=1e-5)
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        assert float(loss(real, made)) == pytest.approx(expected, rel=1e-5)
    single = LossConfig(tv_weight=5.0).image_loss()
    assert float(single(real, made)) == pytest.approx(
        5 * float(parts[2](real, made))
    )
    assert LossConfig().image_loss() is None


def test_similarity_is_that_of_the_papers(rng):
    images = rng.integers(64, 192, size=(3, 16, 16, 3), dtype="uint8")
    error = np.array([3, 30, 3], "uint8")[:, None, None, None]
    shifted = artifacts.similarity(images, images + error)
    # 20 log10(255 / error), one of three 20 dB lower.
    expected = 20 * np.log10(255 / 3) - 20 / 3
    assert shifted["psnr_db"] == pytest.approx(expected)
    changed = images.copy()
    changed[:, 0, 0] += 1
    assert artifacts.similarity(images, changed)["ssim"] > 0.9999
    others = rng.integers(64, 192, size=images.shape, dtype="uint8")
    assert abs(artifacts.similarity(images, others)["ssim"]) < 0.1


def test_similarity_takes_grey_images(rng):
    images = rng.integers(64, 192, size=(2, 16, 16, 1), dtype="uint8")
    found = artifacts.similarity(images, images + np.uint8(20))
    assert found["psnr_db"] == pytest.approx(20 * np.log10(255 / 20))


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(UsageError, match="pip install scikit-image"):
        artifacts.similarity(*np.zeros((2, 1, 16, 16, 3), "uint8"))


def test_a_planted_border_is_in_the_reconstruction_scores(rng):
    images = rng.uniform(-0.5, 0.5, size=(40, 16, 16, 3))
    made = images + rng.normal(scale=0.1, size=images.shape)
    made[:, 0] += 0.2
    found = autoencoder.reconstruction_scores(images, made)
    assert found["border_error_mean"][0] == pytest.approx(2 * 16 / 60, rel=0.1)
    assert max(found["border_error_mean"][1:]) < 0.1


def test_a_size_that_cannot_be_halved_is_one_sentence(toy):
    with pytest.raises(UsageError, match="`image_size` must be a multiple"):
        autoencoder.train(autoencoder.Config(**toy | {"image_size": 18}))
