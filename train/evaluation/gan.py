"""Trains any GAN, from its data to its export."""

import dataclasses

import numpy as np

from models.diff_augment import DiffAugment
from tfupsample.images.arrays import to_uint8
from train.data import Augmentation, load_images
from train.engine.averages import AveragesConfig
from train.engine.config import UpsampleConfig
from train.engine.optimizer import OptimizerConfig
from train.engine.options import option, usage_errors
from train.engine.run import Run
from train.evaluation import artifacts
from train.evaluation.distances import (
    DistanceConfig,
    distance_table,
    judge,
    sample_distances,
    spread_over,
)
from train.evaluation.finish import finish
from train.evaluation.labels import labels_of
from train.evaluation.validation import (
    Validation,
    ValidationConfig,
    divided,
    held_out,
    keep_best_option,
)
from train.networks.load import DISCRIMINATOR, InitConfig, initialise_gan
from train.networks.weights import in_float32
from train.networks.write import write


@dataclasses.dataclass(frozen=True)
class GANConfig(
    InitConfig,
    DistanceConfig,
    OptimizerConfig,
    AveragesConfig,
    ValidationConfig,
    UpsampleConfig,
):
    """What the trainers of GANs have in common."""

    keep_best: str = keep_best_option("sliced_wasserstein", "spectral_db")
    conditional: str = option(
        "",
        "Label of the data set that both networks are given, such as shape of "
        "shapes, or label of a folder with a subfolder for each class; the "
        "samples show every class. If empty, they are given none.",
    )


def diff_augment(config):
    """Returns the `DiffAugment` of a config, or `None` if nothing changes."""
    if not (config.flip or config.crop or config.colour):
        return None
    return DiffAugment(config.flip, config.crop, config.colour, config.seed + 1)


def train_gan(trainer, config, build):
    """Trains, samples, measures and exports a `GAN` of any networks.

    Args:
        trainer: Name of the trainer.
        config: Its settings, including those of `DistanceConfig`.
        build: A function of the config, the channels of the images and the
            steps of the training and the number of classes that returns the
            compiled and built model.
    """
    run = Run(trainer, config)
    data = load_images(
        config.dataset,
        config.image_size,
        config.data_dir,
        config.max_images,
        stream=True,
    )
    images, kept = divided(config, data.images)
    labels, classes = labels_given(config, data)
    judged, real = judge(config, images)
    steps = len(images) // config.batch_size * config.epochs
    model = build(config, images.shape[-1], steps, len(classes))
    initialise_gan(model, config)
    network = in_float32(model.generator)

    def make(count, seed=0):
        model.copy_averages(network)
        return artifacts.samples(network, count, seed)

    with usage_errors():  # images may be too small for scores
        scores = {"training images": artifacts.artifact_scores(real)}
    untrained = artifacts.stretched(make(config.samples))
    scores["untrained"] = artifacts.artifact_scores(untrained)
    validation = Validation(
        run,
        "generator",
        lambda: sample_distances(to_uint8(make(len(kept), config.seed)), kept),
        lambda: network,
    )
    # The model changes real and generated images alike.
    run.fit(
        *(model, images, lambda: make(64, config.seed), labels, classes),
        augment=Augmentation(),
        conditional=bool(classes),
        callbacks=[validation],
    )
    samples = to_uint8(make(config.samples))
    scores["trained"] = artifacts.artifact_scores(samples)
    add_distances(scores, judged, {"training images": real, "trained": samples})
    finish(run, network, "generator", spread_over(samples, 64), scores)
    validation.announce()
    _write_rest(run, model, classes)


def add_distances(scores, judged, images):
    """Measures the distances of `{name: images}`, prints and adds them.

    Args:
        scores: A dictionary for each name, which receives `"distances"`.
        judged: A `Judge`.
        images: uint8 images by name.
    """
    measured = {name: judged.distances(x) for name, x in images.items()}
    for name, row in measured.items():
        scores[name]["distances"] = row
    print(f"\n{distance_table(measured)}")


def _write_rest(run, model, classes):
    """Writes what only further training and the labels need."""
    path = run.path / DISCRIMINATOR
    path.parent.mkdir(exist_ok=True)
    write(in_float32(model.discriminator), path, "keras")
    if classes:
        run.write("classes.json", classes)


def labels_given(config, data):
    """Returns the labels of the training images, one-hot, and their classes.

    There are none without `--conditional`.
    """
    if not config.conditional:
        return None, ()
    labels, classes = labels_of(data, "conditional", config.conditional)
    learned = labels[~held_out(config, len(labels))]
    return np.eye(len(classes), dtype="float32")[learned], classes
