"""How far what a DCGAN draws moves with its features, by upsampling.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.equivariance --seeds 0 1 2

All train for as many steps on drawn shapes of 32 pixels, with circular padding,
so that nothing leaves the image. Then the features behind the first upsampling
and its activation are moved by fractions of a pixel, and EQ-T says how far the
picture moves with them. Distances are those of 2,000 samples in 8 bits to
held-out shapes. Results go to `results/equivariance.json`; `cells.py` says how
to resume.
"""

import argparse

import keras
import numpy as np

from benchmarks import cells
from tfupsample.images.arrays import to_uint8
from tfupsample.measures.equivariance import equivariance
from train import dcgan
from train.data import batches, load_images
from train.evaluation import artifacts, gan
from train.evaluation.distances import Judge

STEPS, SAMPLES, MOVED = 5000, 2000, 64
SETTINGS = {
    "image_size": 32,
    "width": 16,
    "latent_dim": 16,
    "pad_mode": "circular",
    "conditional": "shape",
    "discriminator_norm": "none",
    "r1": 0.1,
    "learning_rate": 1e-3,
    "batch_size": 32,
}
NETWORKS = {
    "nearest": {"upsample": "nearest"},
    "bilinear": {"upsample": "bilinear"},
    "filtered": {"upsample": "filtered"},
    "alias_free": {"upsample": "alias_free"},
    "alias_free, filtered activation": {
        "upsample": "alias_free",
        "activation": "filtered",
    },
}


def measure(name, seed):
    """Trains a generator; returns its EQ-T, distances and pattern."""
    config = dcgan.Config(seed=seed, **SETTINGS, **NETWORKS[name])
    data = load_images("shapes", config.image_size)
    labels, classes = gan.labels_given(config, data)
    model = dcgan.build(config, 3, STEPS, len(classes))
    served = batches(
        data.images, config.batch_size, seed, 0, 1000, labels=labels
    )
    served = served.map(lambda *both: (both,)).take(STEPS)  # both are inputs
    model.fit(served, shuffle=False, verbose=0)
    generator = model.averaged_generator()
    held_out = load_images("shapes", config.image_size, split="test")
    images = to_uint8(artifacts.samples(generator, SAMPLES))
    judge = Judge(held_out.images[:SAMPLES], "held-out images")
    return {
        "eq_t_db": round(moves_by(generator, config, len(classes)), 2),
        "distances": judge.distances(images),
        "scores": artifacts.artifact_scores(images),
        "parameters": generator.count_params(),
    }


def moves_by(generator, config, classes):
    """Returns EQ-T from the features behind the first upsampling, in dB."""
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(MOVED, config.latent_dim))
    labels = np.eye(classes)[np.arange(MOVED) % classes]
    first, rest = parted(generator)
    features = first.predict([latents, labels], verbose=0)
    return equivariance(rest, features, cyclic=True)


def parted(generator):
    """Returns a generator up to its second activation, and what follows."""
    active = [
        layer
        for layer in generator.layers
        if type(layer).__name__ in ("ReLU", "FilteredActivation")
    ]
    features = active[1].output
    return (
        keras.Model(generator.inputs, features),
        keras.Model(features, generator.outputs[0]),
    )


def main():
    """Measures what is missing of the networks named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    cells.add_arguments(parser, NETWORKS)
    settings = SETTINGS | {"steps": STEPS}
    given = parser.parse_args()
    cells.measure_missing(__spec__.name, given, settings, measure)


if __name__ == "__main__":
    main()
