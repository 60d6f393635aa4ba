"""The trainer of the U-Net, from its command line to its scores."""

import json

import entry_points
import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfupsample.images.masks import VOID
from train import segmentation
from train.data import DataError
from train.engine.options import UsageError
from train.evaluation import segmentation as evaluation


@pytest.fixture
def toy(rng, tmp_path):
    """Pictures of bright, dark and grey squares, which are the classes."""
    for i in range(20):
        mask = rng.integers(0, 3, (3, 3), "uint8").repeat(8, 0).repeat(8, 1)
        noise = rng.integers(0, 40, (24, 24, 3), "uint8")
        pictures = {"images": 100 * mask[..., None] + noise, "masks": mask}
        for name, pixels in pictures.items():
            (tmp_path / "toy" / name).mkdir(parents=True, exist_ok=True)
            path = tmp_path / "toy" / name / f"{i:02d}.png"
            Image.fromarray(pixels).save(path)
    return {
        "workdir": str(tmp_path / "run"),
        "dataset": "folder",
        "data_dir": str(tmp_path / "toy"),
        "image_size": 24,
        "batch_size": 4,
        "epochs": 2,
        "width": 2,
        "depth": 2,
        "xla": "off",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.soak)]
)
def test_command_leaves_a_complete_run(toy, tmp_path, backend):
    flags = {"validation": 0.2, "keep_best": "mean_iou", "flip": True}
    flags |= {"crop": 4, "epochs": 10, "width": 8, "learning_rate": 0.02}
    result = entry_points.run("segmentation", toy | flags, backend)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir() if p.name[0] != "."} == {
        "best",
        "checkpoints",
        "classes.json",
        "config.json",
        "metrics.jsonl",
        "samples",
        "samples.png",
        "saved_model",
        "scores.json",
        "segmentation.json",
        "segmentation.keras",
        "tensorboard",
    }
    reached = json.loads((folder / "segmentation.json").read_text())
    assert reached["test images"] == 2
    assert reached["mean_iou"] > 0.7
    assert f"mIoU {reached['mean_iou']:.2%}" in result.stdout
    assert "Best network" in result.stdout
    scores = json.loads((folder / "scores.json").read_text())
    assert [*scores] == ["test masks", "logits"]
    with Image.open(folder / "samples" / "epoch_00010.png") as grid:
        assert grid.size == (2 * 3 * 24, 24)
    network = keras.models.load_model(folder / "segmentation.keras")
    sizes = (24, 24) if backend == "jax" else (13, 9)
    images = np.ones((2, *sizes, 3), "float32")
    served = tf.saved_model.load(str(folder / "saved_model"))
    np.testing.assert_allclose(served.serve(images), network(images), atol=1e-4)


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_resumed_run_equals_an_undisturbed_one(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(segmentation, "finish", lambda *_: None)
    segmentation.train(segmentation.Config(**toy))
    config = segmentation.Config(**toy | {"workdir": str(tmp_path / "other")})

    def stopped(*args):
        *args, callbacks = args
        stop = keras.callbacks.LambdaCallback(on_epoch_begin=interrupt)
        fit_dataset(*args, [*callbacks, stop])

    fit_dataset = segmentation.Run.fit_dataset
    with monkeypatch.context() as patch:
        patch.setattr(segmentation.Run, "fit_dataset", stopped)
        with pytest.raises(KeyboardInterrupt):
            segmentation.train(config)
    segmentation.train(config)
    one, two = (
        np.load(tmp_path / name / "checkpoints" / "epoch_00002.npz")
        for name in ("run", "other")
    )
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])


def interrupt(epoch, logs):
    if epoch == 1:
        raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_volumes_are_learned_and_shown(tmp_path, monkeypatch):
    monkeypatch.setattr("train.data.solids.SPLITS", {"train": 4, "test": 2})
    config = segmentation.Config(
        workdir=str(tmp_path),
        dataset="solids",
        image_size=16,
        batch_size=2,
        epochs=1,
        width=2,
        depth=1,
        norm="group",
        upsample="bilinear",
        xla="off",
    )
    segmentation.train(config)
    with Image.open(tmp_path / "samples" / "epoch_00001.png") as grid:
        assert grid.size == (2 * 3 * 16, 16)
    network = keras.models.load_model(tmp_path / "segmentation.keras")
    assert network.input_shape == (None, None, None, None, 1)
    assert network.output_shape[-1] == 5


def test_overlap_is_counted_by_hand():
    masks = np.array([[[0, 0, 1], [1, 1, VOID]]])
    guesses = np.array([[[0, 1, 1], [1, 0, 2]]])
    scores = evaluation.iou_scores(masks, guesses, ("sky", "sea", "ship"))
    assert scores["iou by class"] == {"sky": 1 / 3, "sea": 2 / 4}
    assert scores["mean_iou"] == pytest.approx(5 / 12)
    assert scores["pixel accuracy"] == 3 / 5


@pytest.mark.parametrize("sizes", [(64, 64), (2, 64, 64)])
def test_a_checkerboard_in_the_logits_is_seen(sizes, rng):
    logits = rng.normal(size=(4, *sizes, 3)).astype("float32")
    plain = evaluation.logit_scores(logits)
    common = logits + 50 * rng.normal(size=(4, *sizes, 1))
    for period, row in evaluation.logit_scores(common).items():
        assert row["coherent"] == pytest.approx(
            plain[period]["coherent"], abs=0.01
        )
    rows, columns = np.indices(sizes[-2:])
    logits[..., 1] += 0.5 * (-1) ** (rows + columns)
    painted = evaluation.logit_scores(logits)
    assert painted[2]["coherent"] > 0.1 > plain[2]["coherent"]
    assert painted[2]["prominence_db"] > plain[2]["prominence_db"] + 3


def test_masks_stand_beside_their_pictures():
    images = np.full((1, 2, 3, 1), 7, "uint8")
    masks = np.array([[[0, 1, 2], [VOID, 1, 0]]], "uint8")
    shown = evaluation.beside(images, masks, masks)
    assert shown.shape == (1, 2, 9, 3)
    assert (shown[:, :, :3] == 7).all()
    np.testing.assert_array_equal(shown[:, :, 3:6], shown[:, :, 6:])
    colours = shown[0, :, 3:6]
    assert (colours[0, 0] == 0).all() and (colours[1, 0] == 255).all()
    assert len(np.unique(colours.reshape(-1, 3), axis=0)) == 4


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"upsample": "nothing"}, UsageError, "`upsample` must be one of"),
        ({"classes": 2}, DataError, "0 to 1.*Received: 2"),
        ({"max_images": 1}, DataError, "both training and test"),
        ({"dataset": "solids", "classes": 3}, UsageError, "without --dataset"),
        (
            {"dataset": "solids", "upsample": "filtered", "max_images": 4},
            UsageError,
            "`upsample` must be one of",
        ),
        ({"image_size": 8}, UsageError, "must measure at least"),
    ],
)
def test_what_cannot_be_used_is_named(toy, monkeypatch, change, error, message):
    monkeypatch.setattr("train.data.solids.SPLITS", {"train": 4, "test": 2})
    with pytest.raises(error, match=message):
        segmentation.train(segmentation.Config(**toy | change))
