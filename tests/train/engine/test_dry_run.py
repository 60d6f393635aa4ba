"""`--dry_run` describes a training and writes nothing."""

import importlib

import entry_points
import pytest

from train import deep_dream
from train.engine import main as commands

SETTINGS = {"dataset": "folder", "image_size": 16, "batch_size": 8}


@pytest.fixture
def dry(photos, tmp_path, monkeypatch, capsys):
    """What a trainer prints, and what it leaves beside the photos."""
    monkeypatch.chdir(tmp_path)

    def start(trainer, **settings):
        always = {"data_dir": str(photos), "dry_run": True}
        settings = SETTINGS | always | settings
        argv = entry_points.words(trainer, settings)[1:]
        monkeypatch.setattr("sys.argv", argv)
        monkeypatch.setattr(commands, "listen", lambda: None)
        module = importlib.import_module(f"train.{trainer}")
        commands.main(module.Config, module.train, "")
        left = {path.name for path in tmp_path.iterdir()}
        return capsys.readouterr().out, left - {photos.name}

    return start


def test_a_training_is_described_and_nothing_written(dry):
    text, left = dry("dcgan", width=2, latent_dim=4, epochs=3, workdir="run")
    assert left == set()
    assert max(map(len, text.splitlines())) <= 80
    for said in (
        "generator (Functional)",
        "Parameters:",
        "Multiply-adds:",
        "3 batches per epoch, each (8, 16, 16, 3) float32",
        "Precision:     float32",
        "Epochs:        3",
        "MiB of gradients",
    ):
        assert said in text


def test_crops_are_described_too(dry):
    text, left = dry("super_resolution", width=2, blocks=1, image_size=8)
    assert left == set()
    assert (
        "150 batches per epoch, each (8, 8, 8, 3) float32, (8, 16,"
        in " ".join(text.split())
    )


def test_where_nothing_is_trained_it_is_refused(monkeypatch, capsys):
    status, errors = entry_points.end_here(
        deep_dream, {"dry_run": True}, monkeypatch, capsys
    )
    assert (status, "--dry_run has no effect" in errors) == (2, True)
