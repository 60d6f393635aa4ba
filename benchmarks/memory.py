"""Peak memory of a training step, of ours and of the usual layers.

    python -m benchmarks.memory

A process of its own for each, because memory once taken is not given back: how
far its peak rises above what it held before the first step, weights, input and
target included. Linux only.
"""

import pathlib
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


def resident_mb(field):
    """Returns `VmHWM`, the peak of this program's memory, or `VmRSS`, it now.

    The peak of `getrusage` would not do: it starts at that of the process that
    started this one.
    """
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise ValueError(f"No {field} in /proc/self/status.")


def measure(name, xla):
    """Prints the rise of the peak, in MB, over three steps."""
    from benchmarks import compiled, layers

    # Compiling takes memory too: first at a size at which the rest does not.
    make = getattr(layers, name)
    small = (1, 8, 8, SHAPE[-1])
    compiled.step(make(small, FILTERS, SCALE), small, xla)()
    step = compiled.step(make(SHAPE, FILTERS, SCALE), SHAPE, xla)
    before = resident_mb("VmRSS")
    for _ in range(3):
        step()
    print(resident_mb("VmHWM") - before)


def main():
    """Writes the results of graph mode and of XLA."""
    from benchmarks import timing

    settings = {"shape": SHAPE, "filters": FILTERS, "scale": SCALE}
    results = {"graph": ratio(False), "XLA": ratio(True)}
    print(results)
    print(timing.write("memory", {"settings": settings, **results}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], sys.argv[2] == "1")
    else:
        main()
