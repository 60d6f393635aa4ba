"""Processes as people start them, without waiting for TensorFlow each time.

A server imports the heavy packages once and forks each process; only then does
it import this project.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILE_SOON = {"XLA_FLAGS": "--xla_backend_optimization_level=0"}
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "tensorflow",
        "tensorflow_datasets",
        "skimage.metrics",
        "sklearn.datasets",
    ]
)


class Python:
    """`python -m module …` or `python -c code …`; as `subprocess.Popen`.

    Args:
        *words: The arguments of Python.
        folder: The working folder.
        **environment: Variables beside those of this process.
    """

    def __init__(self, *words, folder=ROOT, **environment):
        self._files = [tempfile.NamedTemporaryFile("r") for _ in range(2)]
        names = [file.name for file in self._files]
        environment = os.environ | environment
        self._process = _CONTEXT.Process(
            target=_run, args=(words, names, str(folder), environment)
        )
        self._process.start()

    @property
    def returncode(self):
        return self._process.exitcode

    poll = returncode.fget

    def send_signal(self, number):
        os.kill(self._process.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout=None):
        """Waits for the end; returns standard output and standard error."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        texts = []
        for file in self._files:
            with file:
                texts.append(file.read())
        return tuple(texts)


def run(*words, **kwargs):
    """Runs Python to its end; returns what `subprocess.run` does."""
    process = Python(*words, **kwargs)
    output, errors = process.communicate()
    return subprocess.CompletedProcess(
        words, process.returncode, output, errors
    )


def _run(words, names, folder, environment):
    """What the forked process does."""
    for number, name in enumerate(names, start=1):
        os.dup2(os.open(name, os.O_WRONLY), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if environment.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        _forget_keras()  # which reads the variable where it is imported
    way, what, *arguments = map(str, words)
    sys.orig_argv = [sys.executable, way, what, *arguments]
    sys.argv = [what if way == "-m" else way, *arguments]
    if way == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})


def _forget_keras():
    for name in [n for n in sys.modules if n.partition(".")[0] == "keras"]:
        del sys.modules[name]
