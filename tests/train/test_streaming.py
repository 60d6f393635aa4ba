"""Pictures that stay in their files teach what those in memory teach."""

import importlib
import shutil

import numpy as np
import pytest

from train.data import images as held
from train.engine import checkpoint
from train.engine.interruptions import Guard, Terminated

TOYS = {
    "autoencoder": {"code": 2, "depth": 2},
    "classifier": {},
    "dcgan": {"latent_dim": 4},
    "stylegan2": {"latent_dim": 4, "widest": 2},
    "style_transfer": {"steps": 3, "blocks": 1, "features": "multiscale"},
    "super_resolution": {"steps": 3, "blocks": 1, "image_size": 5, "scale": 3},
}
QUICK = ("autoencoder", "classifier", "dcgan", "super_resolution")
LENGTHY = ("stylegan2", "style_transfer")
EXPORTS = {
    "autoencoder": "autoencoder.finish",
    "classifier": "classifier.finish",
    "dcgan": "evaluation.gan.finish",
    "stylegan2": "evaluation.gan.finish",
    "style_transfer": "style_transfer.finish",
    "super_resolution": "super_resolution.export",
}


@pytest.fixture
def start(photos, tmp_path, monkeypatch):
    """Starts or resumes a toy run in a folder, which exports nothing."""
    classes = tmp_path / "classes"
    for i, path in enumerate(sorted(photos.iterdir())):
        (classes / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        shutil.move(path, classes / "ab"[i % 2])

    def start(trainer, folder):
        monkeypatch.setattr(f"train.{EXPORTS[trainer]}", lambda *_: [])
        module = importlib.import_module(f"train.{trainer}")
        common = {
            "workdir": str(tmp_path / folder),
            "dataset": "folder",
            "data_dir": str(classes),
            "image_size": 16,
            "batch_size": 7,
            "epochs": 2,
            "width": 2,
            "xla": "off",
        }
        if trainer == "classifier":
            common["test_dir"] = str(classes)
        module.train(module.Config(**common | TOYS[trainer]))
        return checkpoint.paths(tmp_path / folder / "checkpoints")[-1]

    return start


def stop_inside_the_second_epoch(patch):
    def on_train_batch_end(guard, batch, logs=None):
        if guard.epoch == 1:
            guard.requested.set()
        after_step(guard, batch, logs)

    after_step = Guard.on_train_batch_end
    patch.setattr(Guard, "on_train_batch_end", on_train_batch_end)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "trainer",
    [
        *(pytest.param(name, marks=pytest.mark.slow) for name in QUICK),
        *(pytest.param(name, marks=pytest.mark.soak) for name in LENGTHY),
    ],
)
def test_a_stopped_run_on_files_equals_an_undisturbed_one_in_memory(
    trainer, start, tmp_path, monkeypatch, capsys
):
    whole = start(trainer, "whole")
    assert "would take" not in capsys.readouterr().out
    monkeypatch.setattr(held, "MAX_BYTES", 10_000)
    with monkeypatch.context() as patch:
        stop_inside_the_second_epoch(patch)
        with pytest.raises(Terminated):
            start(trainer, "stopped")
    assert "would take" in capsys.readouterr().out
    stopped = checkpoint.paths(tmp_path / "stopped" / "checkpoints")[-1]
    assert checkpoint.position(stopped) == (1, 1)
    resumed = start(trainer, "stopped")
    one, two = np.load(whole), np.load(resumed)
    assert one.files == two.files
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])
