"""Peak memory of a training step, of ours and of the usual layers.

A process of its own for each, because memory once taken is not given back: how
far its peak rises above what it held before the first step, weights, input and
target included.
"""

import os
import pathlib
import resource
import subprocess
import sys

SHAPE, FILTERS, SCALE = (4, 128, 128, 64), 32, 2


def ratio(xla):
    """Returns `{"ours_mb", "usual_mb", "ratio"}`."""
    ours, usual = (_in_new_process(name, xla) for name in ("ours", "usual"))
    return {
        "ours_mb": round(ours),
        "usual_mb": round(usual),
        "ratio": round(ours / usual, 3),
    }


def _in_new_process(name, xla):
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", name, str(int(xla))],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout.split()[-1])


def _peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _now_mb():
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(name, xla):
    """Prints the rise of the peak, in MB, over three steps."""
    from benchmarks import compiled, layers

    # Compiling takes memory too: first at a size at which the rest does not.
    make = getattr(layers, name)
    small = (1, 8, 8, SHAPE[-1])
    compiled.step(make(small, FILTERS, SCALE), small, xla)()
    step = compiled.step(make(SHAPE, FILTERS, SCALE), SHAPE, xla)
    before = _now_mb()
    for _ in range(3):
        step()
    print(_peak_mb() - before)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "1")
