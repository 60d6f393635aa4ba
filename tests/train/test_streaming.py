"""Pictures that stay in their files teach what those in memory teach."""

import importlib
import io
import shutil

import numpy as np
import processes
import pytest
from PIL import Image

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


@pytest.mark.soak
def test_two_hundred_thousand_pictures_take_less_than_two_gigabytes(
    rng, tmp_path
):
    """Without the limit they would take 2.5 GB; the files are small ones."""
    folder = tmp_path / "pictures"
    files = [png(rng) for _ in range(100)]
    for i in range(200_000):
        if i % 1000 == 0:
            (folder / f"{i:06d}").mkdir(parents=True)
            part = folder / f"{i:06d}"
        (part / f"{i:06d}.png").write_bytes(files[i % 100])
    settings = {
        "dataset": "folder",
        "data_dir": str(folder),
        "image_size": 64,
        "batch_size": 64,
        "epochs": 1,
        "width": 1,
        "depth": 1,
        "code": 1,
        "workdir": str(tmp_path / "run"),
    }
    done = processes.run(
        "-c",
        "import resource\n"
        "from train import autoencoder\n"
        "from train.data import images\n"
        "images.MAX_BYTES = 10**9\n"
        f"autoencoder.train(autoencoder.Config(**{settings}))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)",
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    assert "200,000 pictures of 64x64 pixels would take 2.5" in done.stdout
    assert int(done.stdout.split()[-1]) * 1024 < 2e9


def png(rng):
    """Returns the bytes of a picture of noise with 8 pixels a side."""
    pixels = rng.integers(0, 256, (8, 8, 3), "uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()
