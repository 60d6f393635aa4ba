"""Entry points as people start them: a process with flags."""

import os
import subprocess
import sys

import pytest

from train.engine import main as commands


def command(module, settings):
    """Returns the arguments of `python -m train.<module>` with flags."""
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", f"train.{module}", *flags]


def environment(backend):
    """Returns the environment that chooses a backend of Keras."""
    return os.environ | {"KERAS_BACKEND": backend}


def run(module, settings, backend="tensorflow"):
    """Runs an entry point to its end; returns the completed process."""
    return subprocess.run(
        command(module, settings),
        capture_output=True,
        text=True,
        env=environment(backend),
    )


def end_here(trainer, settings, monkeypatch, capsys):
    """Runs an entry point that exits, in this process, where that is quicker.

    Returns:
        Its exit status and what it wrote to standard error.
    """
    argv = command(trainer.__name__.removeprefix("train."), settings)[2:]
    monkeypatch.setattr("sys.argv", argv)
    monkeypatch.setattr(
        commands, "listen", lambda: None
    )  # signals are pytest's
    with pytest.raises(SystemExit) as ended:
        commands.main(trainer.Config, trainer.train, trainer.__doc__)
    return ended.value.code, capsys.readouterr().err
