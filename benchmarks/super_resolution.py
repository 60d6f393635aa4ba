r"""What networks of super-resolution reach, read from their run directories.

    python -m train.super_resolution --dataset=folder --data_dir=PHOTOGRAPHS \
        --scale=2 --precision=mixed_bfloat16 --xla=off --test_dir=SET5 \
        --workdir=runs/x2
    python -m benchmarks.super_resolution SET5 x2=runs/x2 x3=runs/x3

Each network is scored on the pictures of SET5 as it was trained, and after
balancing its last layer in closed form, as `tfupsample repair --method=balance`
does.
"""

import json
import pathlib
import sys

import numpy as np

from benchmarks import timing
from tfupsample.inspection.upsamplings import find_upsamplings
from tfupsample.measures.pattern import pattern_strength
from tfupsample.model_files.loading import load_keras
from tfupsample.repair.methods import balance
from train import super_resolution
from train.evaluation.super_resolution import read_tests

SETTINGS = (
    "scale",
    "upsample",
    "icnr",
    "kernel_size",
    "width",
    "blocks",
    "image_size",
    "batch_size",
    "learning_rate",
    "precision",
    "seed",
)


def main(arguments):
    """Scores `NAME=FOLDER` runs on a folder, prints and writes the results."""
    tests = read_tests(arguments[0])
    folders = dict(argument.split("=", 1) for argument in arguments[1:])
    runs = {name: read(path, tests) for name, path in folders.items()}
    print(table(runs))
    pattern = {
        period: round(originals(tests, period), 4) for period in (2, 3, 4)
    }
    timing.record(
        "super_resolution",
        {"pattern_db_of_the_originals": pattern, "runs": runs},
    )


def read(folder, tests):
    """Returns settings, steps, seconds of training and scores of a run."""
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())["config"]
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    epochs = [json.loads(line) for line in lines]
    images = config["steps"] * config["batch_size"]
    network = load_keras(folder / "super_resolution.keras")
    return {
        "settings": {name: config[name] for name in SETTINGS},
        "steps": epochs[-1]["step"],
        "seconds": round(sum(images / e["images_per_second"] for e in epochs)),
        "scores": rounded(super_resolution.score(network, tests)),
        "balanced": rounded(super_resolution.score(balanced(network), tests)),
    }


def balanced(network):
    """Returns a copy of a network with equal phase gains."""
    found = find_upsamplings(network)
    return balance(network, [upsampling.path for upsampling in found])


def originals(tests, period):
    """Returns the mean `pattern_strength` of the pictures themselves."""
    return float(
        np.mean([pattern_strength(x[None], period) for x in tests.values()])
    )


def rounded(scores):
    """Returns nested scores with four decimals."""
    if isinstance(scores, dict):
        return {name: rounded(value) for name, value in scores.items()}
    return round(scores, 4)


def table(runs):
    """Returns Markdown: two rows for each run, as trained and balanced."""
    lines = [
        "| run | steps | s | PSNR, dB | SSIM | pattern, dB | flat, of 255 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, run in runs.items():
        bicubic = run["scores"]["pictures"]["mean"]["bicubic"]
        lines += [
            f"| {name}, bicubic | – | – | {cells(bicubic)} | 0 |",
            f"| {name} | {run['steps']:,} | {run['seconds']} "
            f"| {network_cells(run['scores'])} |",
            f"| {name}, balanced | – | – | {network_cells(run['balanced'])} |",
        ]
    return "\n".join(lines)


def network_cells(scores):
    """Returns the cells of the network's mean scores."""
    mean = scores["pictures"]["mean"]["network"]
    return f"{cells(mean)} | {scores['flat_pattern']:.2f}"


def cells(row):
    """Returns the cells of one method's scores."""
    return f"{row['psnr_db']:.2f} | {row['ssim']:.4f} | {row['pattern_db']:.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
