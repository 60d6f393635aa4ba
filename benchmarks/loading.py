"""How long it takes to import the library and to load a trained model.

    python -m benchmarks.loading [NAME ...]

Each number is of processes of their own: the import of `tfupsample` over that
of Keras with TensorFlow, and `load_pretrained` of both kinds over all imports,
every file hashed and the graph searched. On a shared machine the time of the
processor tells more than that of the clock; both are written.
"""

import json
import statistics
import subprocess
import sys

from benchmarks import timing
from tfupsample.pretrained.load import find_entry, list_pretrained

REPEATS = 5

_CLOCK = """
import json, os, time
def now():
    return [time.perf_counter(), time.process_time()]
import keras, tensorflow
keras.Sequential([keras.layers.Dense(1)]).build((1, 1))
"""
_IMPORT = """
start = now()
import tfupsample
print(json.dumps([b - a for a, b in zip(start, now())]))
"""
_LOAD = """
import tfupsample, models
start = now()
model = tfupsample.load_pretrained({name!r}, {kind!r})
print(json.dumps([b - a for a, b in zip(start, now())]))
"""


def main(names):
    """Measures, prints and writes the results."""
    names = names or [
        name
        for name in list_pretrained()
        if find_entry(name).kind == "generator"
    ]
    rows = {"import tfupsample": measure(_IMPORT)}
    for name in names:
        for kind in ("saved_model", "keras"):
            code = _LOAD.format(name=name, kind=kind)
            rows[f"{name}, {kind}"] = measure(code)
    for what, row in rows.items():
        print(f"{what:40} {row['seconds']:.3f} s, {row['cpu_seconds']:.3f} CPU")
    timing.record("loading", {"repeats": REPEATS, "measured": rows})


def measure(code):
    """Returns medians and the smallest, in seconds, of fresh processes."""
    runs = [_run(_CLOCK + code) for _ in range(REPEATS)]
    clock, processor = zip(*runs)
    return {
        "seconds": round(statistics.median(clock), 4),
        "fastest_seconds": round(min(clock), 4),
        "cpu_seconds": round(statistics.median(processor), 4),
    }


def _run(code):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return json.loads(result.stdout.splitlines()[-1])


if __name__ == "__main__":
    main(sys.argv[1:])
