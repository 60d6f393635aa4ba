"""How close DCGANs trained on CIFAR-10 come to its test images, by upsampling.

    python -m train.classifier --dataset=folder --data_dir=CIFAR/train
        --test_dir=CIFAR/test --image_size=32 --batch_size=128 --epochs=10
        --flip --crop=4 --precision=mixed_bfloat16 --workdir=runs/classifier
    python -m train.dcgan --dataset=folder --data_dir=CIFAR/train
        --image_size=32 --width=32 --epochs=5 --precision=mixed_bfloat16
        --upsample=nearest --kernel_size=3 --workdir=runs/nearest
    python -m benchmarks.dcgan_cifar10 --classifier=runs/classifier
        --real=CIFAR/test runs/nearest [further runs]

Half of the test images are the reference; the other half, measured like the
generated ones, says what real images have by chance.
"""

import argparse
import json
import pathlib

import keras

import tfupsample  # noqa: F401 (its layers, for loading)
from benchmarks import timing
from tfupsample.images.arrays import to_uint8
from train.data import load_images
from train.evaluation import artifacts
from train.evaluation.distances import Judge

SAMPLES, SIZE = 5000, 32
SETTINGS = ("upsample", "kernel_size", "width", "batch_size", "precision")


def measure(judge, images):
    """Returns distances and artifact scores of uint8 images."""
    return {
        "distances": judge.distances(images),
        "artifacts": artifacts.artifact_scores(images),
    }


def of_run(judge, folder):
    """Returns name and row of the generator of a run of `train.dcgan`."""
    config = json.loads((folder / "config.json").read_text())["config"]
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    generator = keras.saving.load_model(folder / "generator.keras")
    name = f"{config['upsample']} {config['kernel_size']}x" + str(
        config["kernel_size"]
    )
    return name, {
        "settings": {key: config[key] for key in SETTINGS},
        "steps": json.loads(lines[-1])["step"],
        "parameters": generator.count_params(),
        **measure(judge, to_uint8(artifacts.samples(generator, SAMPLES))),
    }


def main():
    """Measures the runs named on the command line and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--classifier", required=True, type=pathlib.Path)
    parser.add_argument("--real", required=True, help="folder of test images")
    args = parser.parse_args()
    real = load_images("folder", SIZE, args.real).images
    network = str(args.classifier / "classifier.keras")
    judge = Judge(real[::2], "half of the test images", network)
    scores = json.loads((args.classifier / "scores.json").read_text())
    rows = {"other half of the test images": measure(judge, real[1::2])}
    for folder in args.runs:
        name, row = of_run(judge, folder)
        rows[name] = row
        print(name, row, flush=True)
    timing.record(
        "dcgan_cifar10",
        {"accuracy of the classifier": scores["accuracy"], "rows": rows},
    )


if __name__ == "__main__":
    main()
