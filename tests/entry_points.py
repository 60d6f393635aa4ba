"""Entry points as people start them: a process with flags."""

import os
import subprocess
import sys


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
