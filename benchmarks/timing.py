"""Interleaved timings and the files that hold them."""

import datetime
import os
import pathlib
import platform
import subprocess
import time

import keras
import numpy as np

from tfupsample.model_files.atomic import write_json

RESULTS = pathlib.Path(__file__).parent / "results"

# After this many seconds `FEWEST_ROUNDS` will do: XLA's gradients of 3-D
# transposed convolutions take many seconds each on a CPU.
PATIENCE = 20
FEWEST_ROUNDS = 3


def interleaved(functions, repeats, clock=time.perf_counter):
    """Times functions in turn, so that a drifting machine hits all alike.

    Args:
        functions: `{name: function of no argument}`. A function returns only
            when its work is done.
        repeats: Rounds; in each every function runs once. Fewer, but at least
            `FEWEST_ROUNDS`, where they take longer than `PATIENCE`.
        clock: Returns seconds: by default those that pass.

    Returns:
        `{name: array of milliseconds a run}`, one value for each round.
    """
    for function in functions.values():
        function()  # compiles and warms up
    times = {name: [] for name in functions}
    begin = time.perf_counter()
    for i in range(repeats + 1):  # the first round only warms up
        for name, function in functions.items():
            start = clock()
            function()
            times[name].append((clock() - start) * 1e3)
        if i >= FEWEST_ROUNDS and time.perf_counter() - begin > PATIENCE:
            break
    return {name: np.array(values[1:]) for name, values in times.items()}


def summary(times):
    """Returns median and quartiles, in milliseconds, of an array of times."""
    low, median, high = np.percentile(times, (25, 50, 75))
    return {
        "median_ms": round(float(median), 3),
        "rounds": len(times),
        "quartiles_ms": [round(float(low), 3), round(float(high), 3)],
    }


def ratio(times, reference):
    """Returns the median over the rounds of one time over the other."""
    return round(float(np.median(times / reference)), 4)


def metadata():
    """Returns what a timing depends on: machine, device, versions, commit."""
    return {
        "date": datetime.date.today().isoformat(),
        "commit": _commit(),
        "device": _device(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "backend_version": _backend_version(),
    }


def write(name, results):
    """Writes `results/<name>--<backend>-<device kind>.json`; returns the path.

    Args:
        name: The name of the suite.
        results: JSON-able; `metadata` is added.
    """
    path = path_of(name)
    _write(path, name, results)
    return path


def record(name, results):
    """Writes `results/<name>.json`, of measures other than times; prints it.

    Args:
        name: The name of the suite.
        results: JSON-able; `metadata` is added.
    """
    path = RESULTS / f"{name}.json"
    _write(path, name, results)
    print(path)


def _write(path, name, results):
    RESULTS.mkdir(exist_ok=True)
    write_json(path, {"suite": name, **metadata(), **results})


def path_of(name):
    """Returns where `write` puts the results of a suite."""
    kind = "gpu" if "cpu" not in _device_kind() else "cpu"
    return RESULTS / f"{name}--{keras.backend.backend()}-{kind}.json"


def _commit():
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=RESULTS.parent,
        capture_output=True,
        text=True,
    )
    return git.stdout.strip()


def _backend_version():
    module = __import__(keras.backend.backend())
    return module.__version__


def _device_kind():
    if keras.backend.backend() == "jax":
        import jax

        return jax.devices()[0].platform
    import tensorflow as tf

    return "gpu" if tf.config.list_physical_devices("GPU") else "cpu"


def _device():
    if _device_kind() != "cpu":
        import jax

        return jax.devices()[0].device_kind
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()
