"""What the repairs of trained models reach, and how long they take.

    python -m train.dcgan --upsample=deconv --kernel_size=4 --image_size=64 \
        --width=16 --epochs=12 --workdir=runs/deconv4
    python -m train.dcgan --upsample=deconv --kernel_size=5 --image_size=64 \
        --width=16 --epochs=3 --workdir=runs/deconv5
    python -m benchmarks.repair deconv4=runs/deconv4/generator.keras \
        deconv5_3_epochs=runs/deconv5/generator.keras

For each model named: balancing, resize-convolutions and smoothing of the last
layer in closed form, and all layers balanced with and without distillation.
Scores and PSNR are those of `repair_model`, over 256 random latents or 64
random images that the distillation does not see.
"""

import sys
import time

import keras

from benchmarks import timing
from tfupsample.repair import choices, repair
from tfupsample.repair.inputs import random_inputs

TRIALS = {
    "last layer balanced": {"method": "balance", "layers": "last"},
    "last layer resize-convolution": {"method": "resize", "layers": "last"},
    "last layer smoothed": {"method": "smooth", "layers": "last"},
    "all layers balanced": {"method": "balance", "layers": "all"},
    "all layers balanced, distilled": {
        "method": "balance",
        "layers": "all",
        "steps": choices.DISTILL_STEPS,
    },
}


def main(arguments):
    """Measures `NAME=PATH` models and writes the results."""
    models = dict(argument.split("=", 1) for argument in arguments)
    results = {name: measure(path) for name, path in models.items()}
    print(timing.write("repair", {"models": results}))


def measure(path):
    """Returns `{trial: figures}` of one `.keras` file."""
    keras.utils.set_random_seed(0)
    model = keras.saving.load_model(path, compile=False)
    draw = random_inputs(model)
    return {name: _trial(model, draw, name, TRIALS[name]) for name in TRIALS}


def _trial(model, draw, name, options):
    start = time.perf_counter()
    result = repair.repair_model(model, draw, verbose=0, **options)
    figures = {
        "seconds": round(time.perf_counter() - start, 1),
        "steps": result.steps,
        "psnr_db": round(result.psnr_db, 2),
        "before": _rounded(result.before),
        "after": _rounded(result.after),
        "moved": {k: round(v, 3) for k, v in result.moved.items()},
    }
    print(name, figures, flush=True)
    return figures


def _rounded(scores):
    return {
        period: {
            name: value if value is None else round(value, 4)
            for name, value in row.items()
        }
        for period, row in scores.items()
    }


if __name__ == "__main__":
    main(sys.argv[1:])
