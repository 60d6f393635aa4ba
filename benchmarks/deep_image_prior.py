"""Three photographs denoised and inpainted by a deep image prior, and a sweep.

    python -m benchmarks.deep_image_prior runs/prior

Each part is a run of `train.deep_image_prior` in a folder of its own; finished
parts are not run again, and a part that was stopped goes on. With --gather only
what is there is written to results/deep_image_prior.json.
"""

import argparse
import json
import pathlib

import numpy as np

from benchmarks import timing
from train import deep_image_prior, deep_image_prior_sweep
from train.engine.devices import placed

PICTURES = ("astronaut", "coffee", "chelsea")
TASKS = ("denoise", "inpaint")
SETTINGS = {
    "learning_rate": 0.005,
    "jitter": 0.015,
    "precision": "mixed_bfloat16",
    "xla": "off",
    "epochs": 9,
}
SWEEP = {
    "image_size": 64,
    "width": 16,
    "learning_rate": 0.005,
    "jitter": 0.015,
    "iterations": 300,
    "epochs": 1,
}


def configs(folder):
    """Returns `{name: Config}` of all parts."""
    parts = {
        f"{picture}-{task}": deep_image_prior.Config(
            workdir=str(folder / f"{picture}-{task}"),
            image=picture,
            task=task,
            **SETTINGS,
        )
        for task in TASKS
        for picture in PICTURES
    }
    workdir = str(folder / "sweep")
    sweep = deep_image_prior_sweep.Config(workdir=workdir, **SWEEP)
    return parts | {"sweep": sweep}


def finished(folder, config):
    """Returns whether the run in a folder has done all its steps."""
    if folder.name == "sweep":
        return (folder / "sweep.json").exists()
    path = folder / "scores.json"
    steps = json.loads(path.read_text())["steps"] if path.exists() else 0
    return steps >= config.epochs * config.iterations


def gathered(folder):
    """Returns what the runs that are finished have reached."""
    rows = {}
    for name in configs(folder):
        path = folder / name / "scores.json"
        if path.exists():
            lines = (folder / name / "metrics.jsonl").read_text().splitlines()
            rates = [json.loads(line)["images_per_second"] for line in lines]
            seconds = round(float(1 / np.median(rates)), 3)
            scores = json.loads(path.read_text())
            rows[name] = scores | {"seconds_per_step": seconds}
    return rows


def means(rows):
    """Returns the means over the pictures of each task, in dB."""
    values = {}
    for task in TASKS:
        reached = [row["psnr_db"] for name, row in rows.items() if task in name]
        if reached:
            values[task] = {
                name: round(float(np.mean([r[name] for r in reached])), 2)
                for name in reached[0]
            }
    return values


def write(folder):
    """Writes the results with what they depend on; prints the means."""
    rows = gathered(folder)
    sweep = folder / "sweep" / "sweep.json"
    results = {
        "settings": SETTINGS | {"image_size": 256, "sigma": 25, "missing": 0.5},
        "means": means(rows),
        "pictures": rows,
        "sweep_settings": SWEEP,
        "sweep": json.loads(sweep.read_text()) if sweep.exists() else [],
    }
    print(json.dumps(results["means"], indent=1))
    timing.record("deep_image_prior", results)


def main():
    """Runs the parts that are not finished, then gathers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", help="one part, such as sweep")
    parser.add_argument("--gather", action="store_true")
    args = parser.parse_args()
    for name, config in configs(args.folder).items():
        wanted = name == (args.only or name) and not args.gather
        if wanted and not finished(args.folder / name, config):
            with placed(config) as placed_config:
                if name == "sweep":
                    deep_image_prior_sweep.sweep(placed_config)
                else:
                    deep_image_prior.train(placed_config)
    write(args.folder)


if __name__ == "__main__":
    main()
