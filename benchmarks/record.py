"""Result files of measurements that are no timings."""

import json
import os

from benchmarks import timing


def write(suite, results):
    """Writes `results/<suite>.json`, all or nothing, and prints its path.

    Args:
        suite: Name of the script.
        results: JSON-able; what they depend on is added.
    """
    data = {"suite": suite, **timing.metadata(), **results}
    timing.RESULTS.mkdir(exist_ok=True)
    path = timing.RESULTS / f"{suite}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(data, indent=1) + "\n")
    os.replace(partial, path)
    print(path)
