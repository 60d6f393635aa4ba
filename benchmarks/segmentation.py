"""How well a small U-Net segments scenes, by upsampler, after equal steps.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.segmentation
    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.segmentation nearest --seeds 1

Each upsampler and seed trains in a process and thread of its own, for as many
steps; all upsamplers of a seed see the same scenes in the same order. The mIoU
is that of a thousand other scenes, the patterns are those in the logits of some
of these. What is there is left as it is, so that the same command resumes;
results are in `results/segmentation.json`, pictures in `runs/segmentation`.
"""

import argparse
import math
import pathlib
import time

import keras
import numpy as np

from benchmarks import cells
from tfupsample.images.arrays import grid, picture
from tfupsample.images.files import save_image
from train import segmentation
from train.data import Augmentation
from train.data.masked import MaskedAugmentation, masked_batches
from train.evaluation.segmentation import (
    beside,
    guessed,
    iou_scores,
    logit_scores,
    logits_of,
    one_hot,
)

FOLDER = pathlib.Path("runs/segmentation")
STEPS, SHOWN = 1200, 16
TRUTH = "test masks"
COMPARED = (
    "nearest",
    "bilinear",
    "subpixel",
    "deconv",
    "filtered",
    "carafe",
    "dysample",
)
SETTINGS = {"width": 8, "batch_size": 8, "learning_rate": 4e-3, "xla": "off"}


class _Clock(keras.callbacks.Callback):
    """Notes the processor time of each step."""

    def on_train_begin(self, logs=None):
        self.times = [time.process_time()]

    def on_train_batch_end(self, batch, logs=None):
        self.times.append(time.process_time())


def train(upsample, seed, data):
    """Returns the trained network, and the seconds of each step."""
    config = segmentation.Config(upsample=upsample, seed=seed, **SETTINGS)
    model = segmentation.build(config, 3, len(data.classes), steps=STEPS)
    unchanged = MaskedAugmentation(Augmentation(), Augmentation())
    epochs = -(-STEPS // (len(data.images) // config.batch_size))
    batches = masked_batches(
        data, config.batch_size, seed, 0, epochs, unchanged
    )
    clock = _Clock()
    model.fit(batches.take(STEPS), callbacks=[clock], shuffle=False, verbose=0)
    return model, np.diff(clock.times)


def measure(upsample, seed):
    """Trains a network; returns its figures and keeps what it predicts."""
    data, test = segmentation.load(segmentation.Config())
    if upsample == TRUTH:
        truth = one_hot(test.masks[: segmentation.SCORED], len(test.classes))
        return {"logits": rounded(logit_scores(truth))}
    model, seconds = train(upsample, seed, data)
    guesses = guessed(model, test.images)
    some = slice(0, SHOWN)
    shown = beside(test.images[some], test.masks[some], guesses[some])
    save_image(FOLDER / f"{upsample}-{seed}.png", picture(grid(shown)))
    reached = iou_scores(test.masks, guesses, test.classes)
    first = test.images[: segmentation.SCORED]
    return {
        "mean_iou": round(reached["mean_iou"], 5),
        "iou by class": {
            name: round(iou, 4) for name, iou in reached["iou by class"].items()
        },
        "parameters": sum(math.prod(w.shape) for w in model.trainable_weights),
        # The first ones trace and allocate.
        "seconds_a_step": round(float(np.median(seconds[5:])), 4),
        "logits": rounded(
            logit_scores(np.concatenate([*logits_of(model, first)]))
        ),
    }


def rounded(scores):
    """Returns the result of `logit_scores`, rounded."""
    return {
        period: {name: round(score, 4) for name, score in row.items()}
        for period, row in scores.items()
    }


def main():
    """Measures what is missing of the upsamplers named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    cells.add_arguments(parser, [TRUTH, *COMPARED])
    settings = SETTINGS | {"steps": STEPS}
    given = parser.parse_args()
    cells.measure_missing(__spec__.name, given, settings, measure)


if __name__ == "__main__":
    main()
