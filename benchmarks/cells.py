"""Cells of a benchmark, each measured by a process of its own with one thread.

A cell is a name and a seed, its figures a file in a folder. What is there is
left as it is, so that a command that was cut off resumes.
"""

import json
import os
import subprocess
import sys

from tfupsample.model_files.atomic import write_json

# So that processor time is the time of the work.
_ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def path_of(folder, name, seed):
    """Returns where the figures of a cell are kept."""
    return folder / f"{name}-{seed}.json"


def add_arguments(parser, names):
    """Gives a parser what chooses cells: names of `names`, and a seed."""
    parser.add_argument("names", nargs="*", default=[*names])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="measure this one in this process")


def measure_missing(module, folder, given, measure):
    """Measures the cells that were asked for and are not there.

    Args:
        module: `__spec__.name` of the benchmark, which is run for each cell.
        folder: Where the figures go.
        given: The parsed arguments of `add_arguments`.
        measure: Called in a cell's process with name and seed; returns figures.

    Returns:
        `{name: {seed: figures}}` of all cells that are there, or `None` in a
        cell's own process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if given.only:
        figures = measure(given.only, given.seed)
        write_json(path_of(folder, given.only, given.seed), figures)
        return None
    for name in given.names:
        if not path_of(folder, name, given.seed).exists():
            cell = f"--only={name}", f"--seed={given.seed}"
            subprocess.run(
                [sys.executable, "-m", module, *cell],
                env=os.environ | _ONE_THREAD,
                check=True,
            )
    return rows(folder)


def rows(folder):
    """Returns `{name: {seed: figures}}` of the cells in a folder."""
    found = {}
    for path in sorted(folder.glob("*-[0-9].json")):
        name, _, seed = path.stem.rpartition("-")
        found.setdefault(name, {})[seed] = json.loads(path.read_text())
    return found
