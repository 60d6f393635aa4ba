"""What stops a run, what it leaves, and that it goes on from there."""

import shutil
import signal
import subprocess
import time

import entry_points
import numpy as np
import pytest
from PIL import Image

from train import dcgan
from train.engine import checkpoint
from train.engine.interruptions import Guard, deferred_termination

STEPS = 20


@pytest.fixture
def toy(rng, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(2 * STEPS):
        pixels = rng.integers(0, 255, size=(16, 16, 3), dtype="uint8")
        Image.fromarray(pixels).save(folder / f"{i:02d}.png")
    return {
        "dataset": "folder",
        "data_dir": str(folder),
        "image_size": 16,
        "batch_size": 2,
        "epochs": 3,
        "width": 2,
        "latent_dim": 4,
        "deterministic": True,
        "xla": "off",
    }


def start(toy, backend="tensorflow"):
    return entry_points.start("dcgan", toy, backend)


def finish(process):
    _, errors = process.communicate(timeout=120)
    assert "Traceback" not in errors, errors
    return process.returncode, errors


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.02)


def weights(workdir):
    path = checkpoint.paths(workdir / "checkpoints")[-1]
    assert checkpoint.position(path) == (3, 0)
    return checkpoint.read(path)


@pytest.mark.parametrize(
    "backend",
    [
        pytest.param("tensorflow", marks=pytest.mark.slow),
        pytest.param("jax", marks=pytest.mark.soak),
    ],
)
def test_sigterm_keeps_the_step_and_the_run_goes_on_from_it(
    toy, tmp_path, backend
):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert finish(start(toy | {"workdir": whole}, backend))[0] == 0
    process = start(toy | {"workdir": stopped}, backend)
    wait_for(stopped / "checkpoints" / "epoch_00001.npz", process)
    process.send_signal(signal.SIGTERM)
    status, errors = finish(process)
    assert (status, "again to resume" in errors) == (143, True)
    newest = checkpoint.paths(stopped / "checkpoints")[-1]
    epoch, step = checkpoint.position(newest)
    assert epoch in (1, 2) and 0 <= step < STEPS  # 0: between two epochs
    assert finish(start(toy | {"workdir": stopped}, backend))[0] == 0
    expected, found = weights(whole), weights(stopped)
    assert found.keys() == expected.keys()
    for key, array in expected.items():
        np.testing.assert_array_equal(found[key], array)


@pytest.mark.slow
def test_infinite_losses_stop_the_run_and_keep_the_last_checkpoint(
    toy, tmp_path, monkeypatch, capsys
):
    toy |= {
        "workdir": tmp_path / "run",
        "learning_rate": 2e9,
        "deterministic": False,  # it would stay so in this process
        "num_devices": 1,
    }
    status, errors = entry_points.end_here(dcgan, toy, monkeypatch, capsys)
    assert status == 4
    assert "of epoch 1" in errors and "--learning_rate" in errors
    path = checkpoint.paths(tmp_path / "run" / "checkpoints")[-1]
    assert checkpoint.position(path) == (0, 0)
    assert all(np.isfinite(a).all() for a in checkpoint.read(path).values())


def test_ctrl_c_waits_for_the_end_of_the_step():
    """Where TensorFlow calls Python, an exception could be lost."""
    saved = []
    with deferred_termination() as requested:
        guard = Guard(requested, lambda *state: saved.append(state), steps=9)
        guard.set_model("model")
        guard.set_params({"steps": 9})
        guard.on_epoch_begin(0)
        guard.on_train_batch_end(0)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            guard.on_train_batch_end(1)
        assert saved == [("model", 0, 2)]
        with pytest.raises(KeyboardInterrupt):  # a second one does not wait
            signal.raise_signal(signal.SIGINT)


@pytest.mark.slow
def test_a_second_program_is_refused_and_ctrl_c_leaves_a_checkpoint(
    toy, tmp_path
):
    toy |= {"workdir": tmp_path / "run", "epochs": 10_000}
    first = start(toy)
    wait_for(tmp_path / "run" / "metrics.jsonl", first)
    status, errors = finish(start(toy))
    assert (status, "Another program" in errors) == (2, True)
    first.send_signal(signal.SIGINT)
    status, errors = finish(first)
    assert (status, "Stopped" in errors) == (130, True)
    path = checkpoint.paths(tmp_path / "run" / "checkpoints")[-1]
    assert checkpoint.read(path)


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_twenty_kills_leave_no_trace(toy, tmp_path, rng, backend):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    began = time.monotonic()
    assert finish(start(toy | {"workdir": whole}, backend))[0] == 0
    usual = time.monotonic() - began
    kills = 0
    while kills < 20 or killed.exists():
        process = start(toy | {"workdir": killed}, backend)
        try:
            process.communicate(timeout=rng.uniform(0.3, 1) * usual)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            continue
        assert process.returncode == 0
        for a, b in zip(weights(whole), weights(killed), strict=True):
            np.testing.assert_array_equal(a, b)
        shutil.rmtree(killed)  # and another run, until there were enough kills
    print(f"{kills} kills")
