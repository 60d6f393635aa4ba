"""Several hosts share a training, and what becomes of it when one is lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import entry_points
import numpy as np
import pytest

from train import dcgan
from train.engine import checkpoint, hosts, supervisor
from train.engine.options import UsageError

TESTS = Path(__file__).parents[2]
LIMIT = 120  # seconds in which a host must notice that another is gone


@pytest.fixture
def toy(photos):
    return {
        "dataset": "folder",
        "data_dir": str(photos),
        "image_size": 16,
        "batch_size": 8,
        "epochs": 2,
        "width": 2,
        "latent_dim": 4,
        "device": "cpu",
    }


def addresses():
    """Two of this machine."""
    with socket.socket() as one, socket.socket() as two:
        for free in (one, two):
            free.bind(("127.0.0.1", 0))
        ports = [free.getsockname()[1] for free in (one, two)]
    return ",".join(f"127.0.0.1:{port}" for port in ports)


def start(settings, weights):
    """Starts the training of a DCGAN that writes its weights at the end."""
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return subprocess.Popen(
        [
            sys.executable,
            TESTS / "dcgan_weights.py",
            *flags,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ
        | {
            "KERAS_BACKEND": "jax",
            "WEIGHTS": str(weights),
            "PYTHONPATH": str(TESTS.parent),
        },
    )


def finish(process):
    output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    return output


def losses(workdir):
    lines = (workdir / "metrics.jsonl").read_text().splitlines()
    rows = map(json.loads, lines)
    return [[row["generator_loss"], row["discriminator_loss"]] for row in rows]


def arrays(path):
    file = np.load(path)
    return [file[name] for name in file.files]


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"hosts": "a:1"}, "two or more HOST:PORT"),
        ({"hosts": "a:1,b"}, "two or more HOST:PORT.*Received: a:1,b"),
        ({"hosts": "a:1,b:1", "host_index": 2}, "--host_index must be from 0"),
        ({"host_index": 1}, "--host_index must be from 0 to 0"),
    ],
)
def test_wrong_hosts_are_named(monkeypatch, settings, message):
    monkeypatch.setattr(hosts.keras.backend, "backend", lambda: "jax")
    with pytest.raises(UsageError, match=message):
        hosts.check(dcgan.Config(**settings))


def test_several_hosts_need_jax():
    with pytest.raises(UsageError, match="KERAS_BACKEND=jax.*20585"):
        hosts.check(dcgan.Config(hosts="a:1,b:1"))


@pytest.fixture
def supervise(monkeypatch):
    """Returns a function that supervises a line of Python."""
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    config = dcgan.Config(hosts="a:1,b:1", host_index=1)

    def run(code):
        monkeypatch.setattr(sys, "orig_argv", ["python", "-c", code])
        return supervisor.supervise(config)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_status_of_the_training_is_that_of_the_command(supervise, capfd):
    assert supervise("import sys; print('!', file=sys.stderr); exit(4)") == 4
    assert capfd.readouterr().err == "!\n"


@pytest.mark.parametrize("end", ["abort()", "_exit(1)"])
def test_an_abort_becomes_a_sentence(supervise, capfd, end):
    dump = "F1121 06:34:25 client.h:80] Terminating process"
    code = f"import os; os.write(2, b'warning\\n{dump}\\n@ 0x7f'); os.{end}"
    with pytest.raises(hosts.HostLost, match="Host 1 of 2 stopped"):
        supervise(code)
    assert capfd.readouterr().err == "warning\n"


@pytest.mark.soak
def test_two_hosts_and_two_devices_train_as_one(toy, tmp_path):
    one, two, local = (tmp_path / name for name in ("one", "two", "local"))
    finish(start(toy | {"workdir": one}, tmp_path / "one.npz"))
    finish(
        start(
            toy | {"workdir": local, "num_devices": 2}, tmp_path / "local.npz"
        )
    )
    both = toy | {"workdir": two, "hosts": addresses()}
    processes = [
        start(both | {"host_index": i}, tmp_path / f"{i}.npz") for i in (0, 1)
    ]
    first, second = map(finish, processes)
    assert "Epoch 2/" in first and "Epoch" not in second
    for folder in (two, local):
        np.testing.assert_allclose(losses(folder), losses(one), rtol=1e-5)
    expected = arrays(tmp_path / "one.npz")
    for name in ("0", "1", "local"):
        for a, b in zip(
            arrays(tmp_path / f"{name}.npz"), expected, strict=True
        ):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    for a, b in zip(*(arrays(tmp_path / f"{i}.npz") for i in (0, 1))):
        np.testing.assert_array_equal(a, b)


@pytest.mark.soak
@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_host_ends_the_run_with_a_sentence(toy, tmp_path, lost):
    workdir = tmp_path / "run"
    both = toy | {"workdir": workdir, "epochs": 10_000, "hosts": addresses()}
    processes = [
        entry_points.start("dcgan", both | {"host_index": i}, "jax")
        for i in (0, 1)
    ]
    first = workdir / "checkpoints" / "epoch_00001.npz"
    while not first.exists() and processes[0].poll() is None:
        time.sleep(0.1)
    began = time.monotonic()
    processes[lost].kill()
    processes[lost].communicate()
    other = processes[1 - lost]
    _, errors = other.communicate(timeout=LIMIT)
    print(f"\nNoticed after {time.monotonic() - began:.0f} s.")
    assert other.returncode == 1
    assert f"Host {1 - lost} of 2 stopped" in errors
    assert "Check failure" not in errors and "Traceback" not in errors
    done, _ = checkpoint.position(checkpoint.paths(workdir / "checkpoints")[-1])
    alone = toy | {"workdir": workdir, "epochs": done + 1}
    result = entry_points.run("dcgan", alone, "jax")
    assert result.returncode == 0, result.stderr
    assert f"Resuming after epoch {done}" in result.stdout
