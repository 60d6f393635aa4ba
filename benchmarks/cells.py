"""Cells of a benchmark: a name and a seed, each measured in its own process.

The figures of each cell go into `results/<suite>.json` as soon as they are
known. What is there is left as it is, so that a command that was cut off goes
on; delete a cell there, or change the settings, to measure it again.
"""

import json
import os
import pathlib
import subprocess
import sys

from benchmarks import timing
from tfupsample.model_files.atomic import write_json

# So that processor time is the time of the work.
_ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def add_arguments(parser, names):
    """Gives a parser what chooses cells: names of `names`, and seeds."""
    parser.add_argument("names", nargs="*", default=[*names])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", nargs=2, help="a name, and a file to write")


def measure_missing(module, given, settings, measure):
    """Measures the cells that were asked for and are not there.

    Args:
        module: Name of the benchmark, such as `benchmarks.decoders`, which is
            run for each cell; its last part is the suite.
        given: The parsed arguments of `add_arguments`.
        settings: JSON-able; cells of other settings are dropped.
        measure: Called in a cell's own process with name and seed; returns the
            figures.
    """
    if given.only:
        name, path = given.only
        write_json(pathlib.Path(path), measure(name, *given.seeds))
        return
    suite = module.rpartition(".")[2]
    folder = pathlib.Path("runs") / suite
    folder.mkdir(parents=True, exist_ok=True)
    for seed in given.seeds:
        for name in given.names:
            if str(seed) not in known(suite, settings).get(name, {}):
                path = folder / f"{name}-{seed}.json"
                _measure(module, name, seed, path)
                _add(suite, settings, name, seed, json.loads(path.read_text()))


def _measure(module, name, seed, path):
    cell = "--only", name, str(path), "--seeds", str(seed)
    subprocess.run(
        [sys.executable, "-m", module, *cell],
        env=os.environ | _ONE_THREAD,
        check=True,
    )


def known(suite, settings):
    """Returns `{name: {seed: figures}}` of the cells with these settings."""
    path = timing.RESULTS / f"{suite}.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    # As they come back from the file.
    same = found.get("settings") == json.loads(json.dumps(settings))
    return found["cells"] if same else {}


def _add(suite, settings, name, seed, figures):
    cells = known(suite, settings)
    where = timing.metadata()
    made = {key: where[key] for key in ("date", "commit", "device")}
    cells.setdefault(name, {})[str(seed)] = figures | made
    timing.record(suite, {"settings": settings, "cells": cells})
