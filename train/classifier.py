"""Trains a classifier of images, also for styles, dreams and distances.

    python -m train.classifier --dataset=shapes --label=shape
    python -m train.classifier --dataset=digits --image_size=32
    python -m train.classifier --dataset=folder --data_dir=PICTURES/train
        --test_dir=PICTURES/test --image_size=32 --batch_size=128 --flip
        --crop=4 --precision=mixed_bfloat16

A folder of pictures has one subfolder for each class. The run directory
(--workdir) receives the settings, the metrics, a grid of the hardest test
images for each epoch, and checkpoints. At the end it receives the accuracy on
the test images and the most frequent confusions, the names of the classes in
classes.json, a SavedModel for images of --image_size, and classifier.keras for
images of any size, in float32 whatever the --precision of the training. Run the
same command again to resume.
"""

import dataclasses

import keras
import numpy as np

from models.classifier import POOLINGS, classifier
from train.data import load_images
from train.data.files import only
from train.engine.config import RunConfig
from train.engine.main import main
from train.engine.optimizer import OptimizerConfig
from train.engine.options import UsageError, option, refuse_unused, usage_errors
from train.engine.run import Run
from train.engine.schedule import schedule_option
from train.evaluation.accuracy import finish, hardest, predicted
from train.evaluation.labels import labels_of
from train.evaluation.validation import (
    Validation,
    ValidationConfig,
    held_out,
    keep_best_option,
)
from train.networks.load import InitConfig, initialise
from train.networks.weights import in_float32


@dataclasses.dataclass(frozen=True)
class Config(InitConfig, OptimizerConfig, ValidationConfig, RunConfig):
    """Settings of `python -m train.classifier`."""

    label: str = option("label", "Label of the data set to learn.")
    test_dir: str = option(
        "",
        "Folder of the test pictures, for --dataset=folder.",
        may_differ=True,
    )
    width: int = option(32, "Channels of the first block.", least=1)
    pooling: str = option(
        "average",
        "Pooling between blocks; max and strided paint in the gradient.",
        POOLINGS,
    )
    learning_rate: float = option(0.1, "Largest learning rate.")
    schedule: str = schedule_option("cosine")
    warm_up: float = option(
        0.2,
        "Share of the steps in which the learning rate rises from 0.",
        most=1,
    )
    weight_decay: float = option(
        5e-3, "Weight decay, scaled by the learning rate."
    )
    keep_best: str = keep_best_option("accuracy")
    label_smoothing: float = option(
        0.1, "Probability that the targets spread over all classes.", most=1
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Labelled:
    """Images with their labels.

    Attributes:
        images: uint8 `(n, height, width, channels)`, in memory or
            `FileImages`.
        labels: Integers `(n,)`.
        classes: The name of each label.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]


def load_labelled(config, split):
    """Returns the `Labelled` images of a split, `"train"` or `"test"`.

    Raises:
        UsageError: if there is no such label or no folder of test images.
        DataError: if the data cannot be loaded.
    """
    folder, part, most = config.data_dir, split, config.max_images
    if split == "test":
        most = 0
        if config.dataset == "folder":
            folder, part = config.test_dir, "train"
            if not folder:
                raise UsageError(
                    "--dataset=folder needs --test_dir, a folder with other "
                    "pictures of the same classes."
                )
    data = load_images(
        config.dataset, config.image_size, folder, most, part, stream=True
    )
    return Labelled(data.images, *labels_of(data, "label", config.label))


def build(config, channels, classes, steps):
    """Returns the compiled classifier of a config, its weights seeded.

    Args:
        config: The settings.
        channels: Channels of the images.
        classes: Number of classes.
        steps: Number of steps in the whole training.

    Raises:
        UsageError: if the network refuses a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        model = classifier(
            None, channels, classes, config.width, config.pooling
        )
    model.compile(
        keras.optimizers.SGD(
            config.scheduled(config.learning_rate, steps),
            momentum=0.9,
            nesterov=True,
            weight_decay=config.weight_decay,
            **config.gradient_arguments(),
        ),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.label_smoothing
        ),
        metrics=["accuracy"],
        jit_compile=config.jit_compile,
    )
    return model


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    if config.dataset != "folder":
        refuse_unused(config, ["test_dir"], "without --dataset=folder")
    run = Run("classifier", config)
    data, test = (load_labelled(config, split) for split in ("train", "test"))
    if data.classes != test.classes:
        raise UsageError(
            "The test pictures must have the same classes. Received: "
            f"{', '.join(test.classes)} instead of {', '.join(data.classes)}"
        )
    data, kept = _divided(config, data)
    steps = len(data.images) // config.batch_size
    model = build(
        config, data.images.shape[-1], len(data.classes), steps * config.epochs
    )
    initialise(model, config)
    targets = np.eye(len(data.classes), dtype="float32")[data.labels]

    def measure():
        guesses = predicted(model, kept.images).argmax(axis=1)
        return {"accuracy": float(np.mean(guesses == kept.labels))}

    validation = Validation(
        run, "classifier", measure, lambda: in_float32(model)
    )
    run.fit(
        model,
        data.images,
        lambda: hardest(model, test),
        targets,
        data.classes,
        callbacks=[validation],
    )
    finish(run, in_float32(model), test)
    validation.announce()


def _divided(config, data):
    """Returns the `Labelled` images to train on, and those held out."""
    mask = held_out(config, len(data.images))
    return (
        Labelled(only(data.images, m), data.labels[m], data.classes)
        for m in (~mask, mask)
    )


if __name__ == "__main__":
    main(Config, train, __doc__)
