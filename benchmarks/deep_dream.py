"""What strides and pooling draw into dreams, and what jitter takes away.

    for pooling in average max strided; do
      python -m train.deep_dream --pooling=$pooling --epochs=3 \
        --precision=mixed_bfloat16 --workdir=runs/$pooling
    done
    python -m benchmarks.deep_dream average=runs/average max=runs/max \
        strided=runs/strided

For each finished run named: the accuracy of its classifier of shapes, and the
checkerboard of the accumulated gradient, with jitter and without.
"""

import json
import pathlib
import sys

from benchmarks import timing

SETTINGS = ("layer", "image", "image_size", "steps", "octaves", "jitter")


def measure(folder):
    """Returns the figures of a run."""
    folder = pathlib.Path(folder)
    settings = json.loads((folder / "config.json").read_text())["config"]
    classifier = json.loads((folder / "classifier/scores.json").read_text())
    return {
        **{name: settings[name] for name in SETTINGS},
        "accuracy": classifier["accuracy"],
        "gradient": json.loads((folder / "scores.json").read_text()),
    }


def main(arguments):
    """Writes the figures of `NAME=RUN` arguments."""
    runs = dict(argument.split("=", 1) for argument in arguments)
    timing.record(
        "deep_dream", {"runs": {n: measure(run) for n, run in runs.items()}}
    )


if __name__ == "__main__":
    main(sys.argv[1:])
