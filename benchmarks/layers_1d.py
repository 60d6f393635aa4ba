"""1-D resize-convolution against the transposed convolution of vocoders.

    python -m benchmarks.layers_1d

The shapes are those of vocoders: frames of a spectrum to samples of sound. A
transposed convolution of `2 * scale` taps, which is what vocoders use, has the
arithmetic of our layer with a kernel of `scale + 1`; of `scale + 2` taps, that
of a kernel of 3. Each setting of TF_ENABLE_ONEDNN_OPTS has a process of its
own, with one thread, so that processor time, which other programs do not
lengthen, is the time of the work. A ratio is the median over the rounds of ours
over theirs, in turn: below 1, ours is faster.
"""

import json
import os
import statistics
import subprocess
import sys
import time

import keras

from benchmarks import compiled, timing
from tfupsample import ResizeConv1D

SHAPES = {
    "8x256 128->64, scale 8": ((8, 256, 128), 64, 8),
    "8x2048 64->32, scale 4": ((8, 2048, 64), 32, 4),
    "4x8192 32->16, scale 2": ((4, 8192, 32), 16, 2),
}
FORMS = {"forward": compiled.forward, "with gradients": compiled.step}
SETTINGS = {"oneDNN on": "1", "oneDNN off": "0"}
MODES = {"graph": False, "XLA": True}
ROUNDS = 31
_ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def pairs(filters, scale):
    """Returns `{name: (our layer, transposed convolution)}`."""
    kernels = {"kernel scale + 1": scale + 1, "kernel 3": 3}
    return {
        name: (
            ResizeConv1D(filters, size, scale),
            keras.layers.Conv1DTranspose(
                filters, size + scale - 1, scale, padding="same"
            ),
        )
        for name, size in kernels.items()
    }


def compare(case, form, xla):
    """Returns `{name: ratio and both times}` for one shape."""
    shape, filters, scale = case
    rows = {}
    for name, layers in pairs(filters, scale).items():
        ours, theirs = (FORMS[form](layer, shape, xla) for layer in layers)
        times = timing.interleaved(
            {"ours": ours, "transposed": theirs}, ROUNDS, time.process_time
        )
        rows[name] = {
            "ratio": timing.ratio(times["ours"], times["transposed"]),
            **{who: timing.summary(values) for who, values in times.items()},
        }
    return rows


def measure():
    """Returns the rows of all modes, shapes and forms in this process."""
    return {
        f"{mode}, {name}, {form}": compare(case, form, xla)
        for mode, xla in MODES.items()
        for name, case in SHAPES.items()
        for form in FORMS
    }


def measured_with(setting):
    """Returns what `measure` returns in a process with a setting of oneDNN."""
    process = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--measure"],
        env=os.environ | _ONE_THREAD | {"TF_ENABLE_ONEDNN_OPTS": setting},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(process.stdout.splitlines()[-1])


def means(rows):
    """Returns the geometric means over the shapes of the ratios."""
    collected = {}
    for name, kernels in rows.items():
        mode, *_, form = name.split(", ")
        for kernel, row in kernels.items():
            key = f"{mode}, {form}, {kernel}"
            collected.setdefault(key, []).append(row["ratio"])
    return {
        key: round(statistics.geometric_mean(ratios), 4)
        for key, ratios in collected.items()
    }


def main():
    """Measures with both settings; prints the ratios and writes all."""
    results = {name: measured_with(value) for name, value in SETTINGS.items()}
    for setting, rows in results.items():
        for name, kernels in rows.items():
            ratios = {kernel: row["ratio"] for kernel, row in kernels.items()}
            print(f"{setting:10} {name:48}", ratios)
    shares = {setting: means(rows) for setting, rows in results.items()}
    load = {"load_average": [round(n, 1) for n in os.getloadavg()]}
    summary = {"rounds": ROUNDS, **load, "geometric means": shares}
    print(timing.write("layers_1d", {**summary, **results}))


if __name__ == "__main__":
    if sys.argv[1:] == ["--measure"]:
        print(json.dumps(measure()))
    else:
        main()
