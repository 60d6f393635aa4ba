"""What a DCGAN learns of drawn shapes in equal time, by recipe.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.dcgan_recipes
    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.dcgan_recipes r1 --seeds 1 2

Each of `RECIPES` trains in one thread for as many seconds of processor time,
about what the trainer takes in five minutes of two cores. Then 2,000 samples in
8 bits are compared with 2,000 held-out shapes. Results are in
`results/dcgan_recipes.json`, samples in `runs/dcgan_recipes`; `cells.py` says
how to resume.
"""

import argparse
import pathlib
import time

import keras
import numpy as np

from benchmarks import cells
from tfupsample.images.arrays import grid, picture, to_uint8
from tfupsample.images.files import save_image
from train import dcgan
from train.data import batches, load_images
from train.evaluation import artifacts, gan
from train.evaluation.distances import Judge, spread_over

FOLDER = pathlib.Path("runs/dcgan_recipes")
SECONDS, SAMPLES, SHOWN = 450, 2000, 64
STEPS = 5600  # of a schedule; about as many fit into these seconds
_R1 = {"r1": 0.5, "r1_interval": 4, "learning_rate": 6e-4, "batch_size": 32}
_PLAIN = _R1 | {"discriminator_norm": "none"}
_SMALL = _PLAIN | {"latent_dim": 16}
_LABELS = _SMALL | {"conditional": "shape"}
RECIPES = {
    "base": {},
    "r1": _R1,
    "r1, no normalisation": _PLAIN,
    "r1, no normalisation, last convolution": _PLAIN | {"last_width": 16},
    "small": _SMALL,
    "small, r1 of 0.1": _SMALL | {"r1": 0.1},
    "small, no momentum": _SMALL,
    "small, two rates": _SMALL,
    "small, DiffAugment": _SMALL | {"crop": 8, "colour": 0.2},
    "labels": _LABELS,
    "labels, r1 of 0.1": _LABELS | {"r1": 0.1},
    "labels, r1 of 0.1, rate 1e-3": _LABELS
    | {"r1": 0.1, "learning_rate": 1e-3},
    "labels, r1 of 0.1, rate 1e-3, cosine": _LABELS
    | {"r1": 0.1, "learning_rate": 1e-3, "schedule": "cosine"},
    "labels, r1 of 0.1, batches of 16": _LABELS | {"r1": 0.1, "batch_size": 16},
    "labels, last convolution": _LABELS | {"last_width": 16},
    "labels, bilinear at the end": _LABELS
    | {"upsample": "nearest,nearest,nearest,bilinear"},
}
REAL = "training images"
ADAMS = {
    "small, no momentum": {
        "generator_learning_rate": 1e-3,
        "discriminator_learning_rate": 1e-3,
        "beta_1": 0.0,
        "beta_2": 0.99,
    },
    "small, two rates": {
        "generator_learning_rate": 3e-4,
        "discriminator_learning_rate": 9e-4,
    },
}
"""Arguments of `GAN.compile_adam` for which the trainer has no flags."""


class _Clock(keras.callbacks.Callback):
    """Stops a training after some seconds of processor time."""

    def on_train_begin(self, logs=None):
        self.start, self.steps = time.process_time(), 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        if time.process_time() - self.start > SECONDS:
            self.model.stop_training = True


def train(name, seed):
    """Returns the trained generator with averaged weights, and the steps."""
    config = dcgan.Config(image_size=64, width=16, seed=seed, **RECIPES[name])
    data = load_images("shapes", 64)
    labels, classes = gan.labels_given(config, data)
    model = dcgan.build(config, 3, STEPS, len(classes))
    if name in ADAMS:
        model.compile_adam(**ADAMS[name])
    served = batches(
        data.images, config.batch_size, seed, 0, 1000, labels=labels
    )
    if classes:
        served = served.map(lambda *both: (both,))  # both are inputs
    clock = _Clock()
    model.fit(served, callbacks=[clock], shuffle=False, verbose=0)
    return model.averaged_generator(), clock.steps


def measure(name, seed):
    """Trains a recipe; returns its figures and keeps some samples."""
    if name == REAL:
        images = load_images("shapes", 64).images
        chosen = np.linspace(0, len(images) - 1, SAMPLES).astype(int)
        return figures(images[chosen], judge())
    generator, steps = train(name, seed)
    images = to_uint8(artifacts.samples(generator, SAMPLES))
    save_image(
        FOLDER / f"{name}-{seed}.png", picture(grid(spread_over(images, SHOWN)))
    )
    return {"steps": steps, **figures(images, judge())}


def judge():
    """Returns the `Judge` of held-out shapes."""
    held_out = load_images("shapes", 64, split="test").images[:SAMPLES]
    return Judge(held_out, "held-out images", "classifier_shapes64")


def figures(images, judged):
    """Returns distances to held-out shapes, and the pattern, of images."""
    distances = judged.distances(images)
    scores = artifacts.artifact_scores(images)
    return {
        "confidence": round(distances["confidence"], 4),
        "kid": round(distances["kid on classifier"], 5),
        "sliced_wasserstein": {
            size: round(x, 5)
            for size, x in distances["sliced_wasserstein"].items()
        },
        "prominence_db": {
            period: round(float(row["prominence_db"]), 2)
            for period, row in scores.items()
        },
        "coherent": {
            period: round(float(row["coherent"]), 5)
            for period, row in scores.items()
        },
    }


def main():
    """Measures what is missing of the recipes named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    cells.add_arguments(parser, [REAL, *RECIPES])
    settings = {"seconds": SECONDS}
    given = parser.parse_args()
    cells.measure_missing(__spec__.name, given, settings, measure)


if __name__ == "__main__":
    main()
