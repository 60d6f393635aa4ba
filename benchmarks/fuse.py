"""What `fuse_model` saves: time, peak memory, and how far outputs move.

    python -m benchmarks.fuse

Three networks that resize and convolve, with random weights, on one picture of
256 pixels a side: the decoder of Stable Diffusion with a quarter of its
channels, a U-Net whose decoder enlarges by nearest pixels, and a generator as
CycleGAN has it, resizing instead of transposing. Times are those of both models
in turn, in graph mode and under XLA, with oneDNN and without, each in a process
of its own; the peak of memory is measured as in `benchmarks.memory`, with
oneDNN.
"""

import json
import os
import subprocess
import sys

import keras
import numpy as np
from keras import layers

SIDE, ROUNDS = 256, 7
NARROWER = 4


def _normed(x):
    return layers.Activation("silu")(layers.GroupNormalization(32)(x))


def _block(x, filters):
    y = layers.Conv2D(filters, 3, padding="same")(_normed(x))
    y = layers.Conv2D(filters, 3, padding="same")(_normed(y))
    if x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1)(x)
    return layers.Add()([x, y])


def diffusion_decoder():
    """Returns Stable Diffusion's decoder, narrower and without attention."""
    widths = [n // NARROWER for n in (512, 512, 256, 128)]
    latents = keras.Input((None, None, 4))
    x = layers.Conv2D(widths[0], 3, padding="same")(latents)
    x = _block(_block(x, widths[0]), widths[0])
    for i, filters in enumerate(widths):
        if i:
            x = layers.UpSampling2D(2)(x)
            x = layers.Conv2D(x.shape[-1], 3, padding="same")(x)
        for _ in range(3):
            x = _block(x, filters)
    x = layers.Conv2D(3, 3, padding="same")(_normed(x))
    return keras.Model(latents, x)


def unet():
    """Returns a U-Net of four levels that enlarges by nearest pixels."""

    def twice(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    images = keras.Input((None, None, 3))
    x, skips, widths = images, [], (16, 32, 64, 128)
    for filters in widths:
        x = twice(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = twice(x, 256)
    for filters, skip in zip(widths[::-1], skips[::-1]):
        x = layers.UpSampling2D(2)(x)
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = twice(layers.Concatenate()([x, skip]), filters)
    return keras.Model(images, layers.Conv2D(1, 1, activation="sigmoid")(x))


def cyclegan():
    """Returns CycleGAN's generator with resizing, of half its channels."""

    def convolved(x, filters, size=3, strides=1):
        x = layers.Conv2D(filters, size, strides, padding="same")(x)
        return layers.GroupNormalization(groups=-1)(x)

    images = keras.Input((None, None, 3))
    x = layers.ReLU()(convolved(images, 32, 7))
    for filters in (64, 128):
        x = layers.ReLU()(convolved(x, filters, strides=2))
    for _ in range(9):
        x = layers.Add()([x, convolved(layers.ReLU()(convolved(x, 128)), 128)])
    for filters in (64, 32):
        x = layers.ReLU()(convolved(layers.UpSampling2D(2)(x), filters))
    x = layers.Conv2D(3, 7, padding="same", activation="tanh")(x)
    return keras.Model(images, x)


MODELS = {
    "diffusion decoder": (diffusion_decoder, (1, SIDE // 8, SIDE // 8, 4)),
    "U-Net": (unet, (1, SIDE, SIDE, 3)),
    "CycleGAN generator": (cyclegan, (1, SIDE, SIDE, 3)),
}


def _model(name, form):
    keras.utils.set_random_seed(0)
    model = MODELS[name][0]()
    if form == "before":
        return model
    from tfupsample.fuse.rewrite import Rewriting

    return Rewriting().model(model)


def _times(name):
    """Prints arithmetic, difference and times of a model as JSON."""
    from benchmarks import compiled, timing
    from tfupsample import fuse_model

    shape = MODELS[name][1]
    model = _model(name, "before")
    x = np.random.default_rng(0).standard_normal(shape, "float32")
    result = fuse_model(model, x, size=shape[1:3])
    row = {
        "pairs": len(result.pairs),
        "multiply_adds_ratio": round(
            result.after["multiply_adds"] / result.before["multiply_adds"], 3
        ),
        "relative_difference": float(f"{result.difference['relative']:.2g}"),
    }
    for mode in ("graph", "XLA"):
        runs = {
            form: compiled.forward(one, shape, mode == "XLA")
            for form, one in (("before", model), ("after", result.model))
        }
        times = timing.interleaved(runs, ROUNDS)
        row[mode] = {
            form: timing.summary(values) for form, values in times.items()
        } | {"ratio": timing.ratio(times["after"], times["before"])}
    print(json.dumps(row))


def _memory(name, form, xla):
    """Prints how far the peak of memory rises in a run, in MB."""
    from benchmarks import compiled
    from benchmarks.memory import resident_mb

    model, shape = _model(name, form), MODELS[name][1]
    small = (1, *(n // 4 for n in shape[1:3]), shape[-1])
    compiled.forward(model, small, xla)()  # compiling takes memory too
    run = compiled.forward(model, shape, xla)
    before = resident_mb("VmRSS")
    run()
    print(json.dumps(resident_mb("VmHWM") - before))


def _in_new_process(onednn, *words):
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.fuse", *words],
        env=os.environ | {"TF_ENABLE_ONEDNN_OPTS": onednn},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def _peaks(name, xla):
    peaks = {
        form: round(_in_new_process("1", "memory", name, form, xla))
        for form in ("before", "after")
    }
    return peaks | {"ratio": round(peaks["after"] / peaks["before"], 3)}


def main():
    """Prints the rows and writes them."""
    from benchmarks import timing

    rows = {}
    for name in MODELS:
        rows[name] = {
            "with oneDNN": _in_new_process("1", "times", name),
            "without oneDNN": _in_new_process("0", "times", name),
            "peak_mb, graph": _peaks(name, ""),
            "peak_mb, XLA": _peaks(name, "1"),
        }
        print(name, json.dumps(rows[name], indent=1), flush=True)
    settings = {"side": SIDE, "rounds": ROUNDS, "narrower": NARROWER}
    print(timing.write("fuse", {"settings": settings, "rows": rows}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["times"]:
        _times(*sys.argv[2:])
    elif sys.argv[1:2] == ["memory"]:
        _memory(sys.argv[2], sys.argv[3], bool(sys.argv[4]))
    else:
        main()
