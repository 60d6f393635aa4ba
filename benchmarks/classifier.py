"""What classifiers reach on test images: from runs of `train.classifier`.

python -m train.classifier --dataset=folder --data_dir=CIFAR/train
    --test_dir=CIFAR/test --image_size=32 --batch_size=128 --epochs=10
    --flip --crop=4 --precision=mixed_bfloat16 --workdir=runs/cifar10
python -m train.classifier --dataset=shapes --label=shape --epochs=3
    --batch_size=128 --width=16 --flip --precision=mixed_bfloat16
    --workdir=runs/shapes
python -m benchmarks.classifier runs/cifar10 runs/shapes
"""

import json
import pathlib
import sys

import keras

import tfupsample  # noqa: F401 (its layers, for loading)
from benchmarks import timing

SETTINGS = (
    "dataset",
    "label",
    "image_size",
    "width",
    "batch_size",
    "epochs",
    "precision",
    "flip",
    "crop",
)


def row(folder):
    """Returns settings, size, training and scores of a run."""
    config = json.loads((folder / "config.json").read_text())["config"]
    metrics = [
        json.loads(line)
        for line in (folder / "metrics.jsonl").read_text().splitlines()
    ]
    model = keras.saving.load_model(folder / "classifier.keras", compile=False)
    seconds = sum(
        config["batch_size"] * metrics[0]["step"] / m["images_per_second"]
        for m in metrics
    )
    return {
        "settings": {name: config[name] for name in SETTINGS},
        "parameters": model.count_params(),
        "steps": metrics[-1]["step"],
        "training minutes": round(seconds / 60, 1),
        "scores": json.loads((folder / "scores.json").read_text()),
    }


def main():
    """Writes a row for each run named on the command line."""
    folders = [pathlib.Path(name) for name in sys.argv[1:]]
    timing.record("classifier", {"rows": {f.name: row(f) for f in folders}})


if __name__ == "__main__":
    main()
