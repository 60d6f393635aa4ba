"""Entry points as people start them: a process with flags."""

import processes
import pytest

from train.engine import main as commands


def words(module, settings):
    """Returns `-m train.<module>` with flags."""
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return ["-m", f"train.{module}", *flags]


def start(module, settings, backend="tensorflow"):
    """Starts an entry point; returns the process."""
    return processes.Python(*words(module, settings), **environment(backend))


def run(module, settings, backend="tensorflow"):
    """Runs an entry point to its end; returns the completed process."""
    return processes.run(*words(module, settings), **environment(backend))


def environment(backend):
    """Returns the variables that choose a backend; JAX compiles everything."""
    if backend == "jax":
        return {"KERAS_BACKEND": "jax", **processes.COMPILE_SOON}
    return {"KERAS_BACKEND": backend}


def end_here(trainer, settings, monkeypatch, capsys):
    """Runs an entry point that exits, in this process, where that is quicker.

    Returns:
        Its exit status and what it wrote to standard error.
    """
    argv = words(trainer.__name__.removeprefix("train."), settings)[1:]
    monkeypatch.setattr("sys.argv", argv)
    monkeypatch.setattr(
        commands, "listen", lambda: None
    )  # signals are pytest's
    with pytest.raises(SystemExit) as ended:
        commands.main(trainer.Config, trainer.train, trainer.__doc__)
    return ended.value.code, capsys.readouterr().err
