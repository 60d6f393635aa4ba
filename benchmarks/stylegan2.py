"""StyleGAN2 beside DCGAN on `shapes`: distances, and what directions change.

    python -m train.factors --workdir=runs/factors
    python -m train.stylegan2 --width=16 --batch_size=32 --epochs=9
        --noise=false --precision=mixed_bfloat16 --xla=off
        --workdir=runs/stylegan2
    python -m train.dcgan --width=16 --batch_size=64 --epochs=9
        --precision=mixed_bfloat16 --xla=off --workdir=runs/dcgan
    python -m benchmarks.stylegan2 --factors=runs/factors/factors.keras
        runs/stylegan2 runs/dcgan

Distances are to half of the test pictures; the other half, measured like the
generated ones, says what real pictures have by chance.
"""

import argparse
import json
import pathlib

import keras

import models.stylegan2  # noqa: F401  registers its layers
from benchmarks import timing
from models import latent
from tfupsample.images.arrays import to_uint8
from tfupsample.model_files.loading import load_keras
from train.data import load_images
from train.evaluation import artifacts
from train.evaluation.distances import Judge
from train.traverse import along, between, directions

FACTORS, DISTANCES = ("hue", "size"), (1.0, 2.0, 3.0, 4.0)
SETTINGS = ("upsample", "width", "batch_size", "precision", "seed")


def of_run(folder, judge, reader):
    """Returns trainer and row of a run of a generator."""
    settings = json.loads((folder / "config.json").read_text())
    config = settings["config"]
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    epochs = [json.loads(line) for line in lines]
    batch = config["batch_size"]
    images = epochs[-1]["step"] * batch
    rates = [1 / epoch["images_per_second"] for epoch in epochs]
    generator = load_keras(folder / "generator.keras")
    for layer in generator._flatten_layers():
        layer.dtype_policy = "float32"  # small steps drown in 16 bits
    return settings["trainer"], {
        "settings": {name: config[name] for name in SETTINGS},
        "images": images,
        "seconds": round(images * sum(rates) / len(rates)),
        "parameters": generator.count_params(),
        "distances": judge.distances(to_uint8(artifacts.samples(generator))),
        "spaces": {
            name: of_space(space, reader)
            for name, space in latent.spaces(generator).items()
        },
    }


def of_space(space, reader):
    """Returns the measures of directions by factor and distance, and more."""
    features = keras.Model(reader.input, reader.layers[-2].output)
    rows = {}
    for factor, way in directions(space, reader, FACTORS).items():
        rows[factor] = between(space, reader, factor) | {
            f"distance {length}": along(space, reader, factor, way, length)
            for length in DISTANCES
        }
    return rows | {
        "perceptual path length": latent.perceptual_path_length(
            space,
            lambda images: features.predict(images, batch_size=64, verbose=0),
        )
    }


def main():
    """Measures the runs named on the command line and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--factors", required=True, help="factors.keras")
    args = parser.parse_args()
    reader = load_keras(args.factors)
    size = reader.input_shape[1]
    test = load_images("shapes", size, split="test").images
    judge = Judge(test[::2], "half of the test pictures")
    rows = {}
    for folder in args.runs:
        name, rows[name] = of_run(folder, judge, reader)
        print(name, rows[name], flush=True)
    errors = pathlib.Path(args.factors).with_name("scores.json")
    timing.record(
        "stylegan2",
        {
            "errors of the readings": json.loads(errors.read_text())["errors"],
            "other half": judge.distances(test[1::2]),
            "runs": rows,
        },
    )


if __name__ == "__main__":
    main()
