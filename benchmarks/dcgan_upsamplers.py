"""DCGAN on drawn shapes at 64 pixels by upsampling, trained half an hour each.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.dcgan_upsamplers
    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.dcgan_upsamplers \
        nearest deconv --seed=1

Every upsampling takes as many steps, by the recipe of `make demo`. Runs are in
`runs/dcgan_upsamplers`; the same command goes on with those that are not done.
Results go to `results/dcgan_upsamplers.json`: what the trainer wrote to
`scores.json` and the seconds of the steps.
"""

import argparse
import json
import pathlib
import subprocess
import sys

from benchmarks import timing
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
BATCH = 32
FLAGS = (
    "--image_size=64",
    "--width=16",
    "--latent_dim=16",
    "--conditional=shape",
    "--discriminator_norm=none",
    "--r1=0.1",
    "--learning_rate=1e-3",
    f"--batch_size={BATCH}",
    "--epochs=48",
    "--samples=2000",
    "--classifier=classifier_shapes64",
)


def train(name, seed):
    """Trains one, or goes on with it."""
    run = FOLDER / f"{name}-{seed}"
    if (run / "scores.json").exists():
        return
    flags = (
        *FLAGS,
        f"--upsample={name}",
        f"--kernel_size={KERNELS[name]}",
        f"--seed={seed}",
        f"--workdir={run}",
    )
    subprocess.run([sys.executable, "-m", "train.dcgan", *flags], check=True)


def row(run):
    """Returns what is known of a finished run."""
    *_, last = read_metrics(run / "metrics.jsonl")
    scores = json.loads((run / "scores.json").read_text())
    taken = {"steps": last["step"], "seconds": step_seconds(run, BATCH)}
    return taken | scores


def main():
    """Trains what is missing of those named, or of all; writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("upsamplers", nargs="*", default=[*KERNELS])
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for name in given.upsamplers:
        train(name, given.seed)
    done = sorted(path.parent for path in FOLDER.glob("*/scores.json"))
    timing.record(
        "dcgan_upsamplers",
        {"flags": FLAGS, "runs": {run.name: row(run) for run in done}},
    )


if __name__ == "__main__":
    main()
