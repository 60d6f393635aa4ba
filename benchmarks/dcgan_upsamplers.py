"""DCGAN on drawn shapes at 64 pixels by upsampling, after equal steps.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.dcgan_upsamplers
    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.dcgan_upsamplers \
        nearest deconv --seeds 1 2

All train in one thread by the recipe of `docs/dcgan.md`. Runs are in
`runs/dcgan_upsamplers`; one that was cut off goes on. Results go to
`results/dcgan_upsamplers.json`: what the trainer wrote to `scores.json`, and
the seconds of the steps. `cells.py` says how to resume.
"""

import argparse
import json
import pathlib
import subprocess
import sys

from benchmarks import cells
from train.engine.metrics_file import read_metrics
from train.ship.record import step_seconds

FOLDER = pathlib.Path("runs/dcgan_upsamplers")
KERNELS = {
    "nearest": 3,
    "bilinear": 3,
    "bicubic": 3,
    "subpixel": 3,
    "filtered": 3,
    "deconv": 5,
    "deconv_balanced": 5,
}
SETTINGS = {
    "image_size": 64,
    "width": 16,
    "latent_dim": 16,
    "conditional": "shape",
    "discriminator_norm": "none",
    "r1": 0.1,
    "learning_rate": 1e-3,
    "batch_size": 32,
    "epochs": 20,
    "precision": "mixed_bfloat16",
    "samples": 2000,
    "classifier": "classifier_shapes64",
}


def measure(name, seed):
    """Trains one, or goes on with it; returns what is known of it."""
    run = FOLDER / f"{name}-{seed}"
    subprocess.run(command(name, seed, run), check=True)
    return reached(run, SETTINGS["batch_size"])


def command(name, seed, run):
    """Returns the words that train one, which its card will tell."""
    own = {"upsample": name, "kernel_size": KERNELS[name], "seed": seed}
    flags = SETTINGS | own | {"workdir": run}
    words = [f"--{flag}={value}" for flag, value in flags.items()]
    return [sys.executable, "-m", "train.dcgan", *words]


def reached(run, batch_size):
    """Returns what is known of a finished run."""
    *_, last = read_metrics(run / "metrics.jsonl")
    seconds = step_seconds(run, batch_size)
    scores = json.loads((run / "scores.json").read_text())
    return {"steps": last["step"], "seconds": seconds} | scores


def main():
    """Trains what is missing of those named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    cells.add_arguments(parser, KERNELS)
    given = parser.parse_args()
    cells.measure_missing(__spec__.name, given, SETTINGS, measure)


if __name__ == "__main__":
    main()
