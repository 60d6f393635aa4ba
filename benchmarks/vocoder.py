"""What small vocoders whistle, by upsampler, after equal training.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.vocoder
    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.vocoder nearest --seeds=1

Each upsampler and seed trains in a process and thread of its own; all see the
same sounds in the same order. The lines are those of 200 other sounds, and
`told apart` is the share of these and of those by `deconv` that one threshold
on the prominence of a single sound puts on the right side. What is there is
left as it is, so that the same command resumes; results are in
`results/vocoder.json`, runs in `runs/vocoder`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import numpy as np

from benchmarks import timing
from models.vocoder import UPSAMPLERS_1D

FOLDER = pathlib.Path("runs/vocoder")
SEEDS = 3
SETTINGS = {"epochs": 12, "frames": 64, "width": 32, "xla": "off"}
_ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def train(upsample, seed):
    """Trains one vocoder in a process of its own."""
    flags = SETTINGS | {"upsample": upsample, "seed": seed}
    flags["workdir"] = path_of(upsample, seed).parent
    subprocess.run(
        [sys.executable, "-m", "train.vocoder"]
        + [f"--{name}={value}" for name, value in flags.items()],
        env=os.environ | _ONE_THREAD,
        check=True,
    )


def path_of(upsample, seed):
    """Returns where the scores of an upsampler and seed are."""
    return FOLDER / f"{upsample}-{seed}" / "scores.json"


def separation(clean, whistling):
    """Returns the share that the best threshold puts on the right side.

    Args:
        clean: A number for each sound of one kind.
        whistling: The same of the other kind, which should be larger.
    """
    thresholds = np.array([*clean, *whistling])[:, None]
    right = np.sum(np.array(clean) < thresholds, axis=1)
    right = right + np.sum(np.array(whistling) >= thresholds, axis=1)
    return round(float(right.max() / len(thresholds)), 4)


def rows():
    """Returns `{upsampler: {seed: figures}}` of all that were trained."""
    found = {}
    for path in sorted(FOLDER.glob("*/scores.json")):
        name, _, seed = path.parent.name.rpartition("-")
        found.setdefault(name, {})[seed] = json.loads(path.read_text())
    return {
        name: {seed: _row(found, name, seed) for seed in seeds}
        for name, seeds in found.items()
    }


def _row(found, name, seed):
    scores = found[name][seed]
    row = {"spectral_distance_db": round(scores["spectral_distance_db"], 3)}
    for kind in ("generated", "real"):
        for score in ("prominence_db", "worst_db"):
            row[f"{kind} {score}"] = round(scores[kind][score], 2)
    rivals = found.get("deconv", {})
    if name != "deconv" and seed in rivals:
        row["told apart"] = separation(
            scores["generated"]["each_db"],
            rivals[seed]["generated"]["each_db"],
        )
    return row


def main():
    """Trains what is missing of the upsamplers named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("upsamplers", nargs="*", default=[*UPSAMPLERS_1D])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    given = parser.parse_args()
    for seed in range(given.seeds):
        for name in given.upsamplers:
            if not path_of(name, seed).exists():
                train(name, seed)
    timing.record("vocoder", {"settings": SETTINGS, "upsamplers": rows()})


if __name__ == "__main__":
    main()
