r"""Trains a U-Net that tells the class of every pixel.

    python -m train.segmentation --upsample=nearest
    python -m train.segmentation --dataset=solids --image_size=32 \
        --batch_size=4 --width=8 --norm=group
    python -m train.segmentation --dataset=folder --data_dir=PICTURES --flip
    python -m train.segmentation --dataset=oxford_iiit_pet --image_size=128

A folder has the pictures in images/ and their masks in masks/: a PNG file of
the same name and size, whose pixels are the numbers of classes from 0, or 255
for none. Every tenth pair of a folder is kept for the test. --flip and --crop
move pictures and masks alike.

The run directory (--workdir) receives the settings, the metrics, test images
beside their masks and the predicted ones for each epoch, and checkpoints. At
the end it receives the overlap with the masks (mIoU) in segmentation.json, the
names of the classes in classes.json, the artifact scores of the logits, a
SavedModel and segmentation.keras, for images of any size (on JAX the SavedModel
is for those of --image_size), in float32 whatever the --precision of the
training. Run the same command again to resume.
"""

import dataclasses
import functools

import keras
import numpy as np

from models.segmentation import NORMS, unet
from models.segmentation_loss import SegmentationLoss, mean_iou
from tfupsample.images.arrays import from_uint8
from train.data import Augmentation, DataError
from train.data.mask_files import read_masked_folder
from train.data.masked import MaskedAugmentation, load_masked, masked_batches
from train.engine.config import UpsampleConfig
from train.engine.main import main
from train.engine.optimizer import OptimizerConfig
from train.engine.options import option, refuse_unused, usage_errors
from train.engine.run import Run
from train.engine.schedule import schedule_option
from train.evaluation import artifacts
from train.evaluation.finish import finish
from train.evaluation.segmentation import (
    beside,
    guessed,
    iou_scores,
    logit_scores,
    logits_of,
    one_hot,
)
from train.evaluation.validation import (
    Validation,
    ValidationConfig,
    held_out,
    keep_best_option,
)
from train.networks.load import InitConfig, initialise
from train.networks.weights import in_float32
from train.networks.write import of_size

HELD_OUT = 10  # every tenth picture of a folder is for the test
SHOWN = 16
SCORED = 256  # test images whose logits are looked at for patterns


@dataclasses.dataclass(frozen=True)
class Config(InitConfig, OptimizerConfig, ValidationConfig, UpsampleConfig):
    """Settings of `python -m train.segmentation`."""

    dataset: str = option(
        "scenes",
        "scenes (drawn here), solids (volumes, drawn here), folder (images/ "
        "and masks/ in --data_dir), or the name of a TensorFlow dataset with "
        "the feature segmentation_mask, such as oxford_iiit_pet.",
    )
    batch_size: int = option(16, "Images per step.", least=1)
    classes: int = option(
        0, "Number of classes in a folder; 0: as many as the masks have."
    )
    width: int = option(16, "Channels at full resolution.", least=1)
    depth: int = option(
        3, "How often the network halves the sides.", least=1, most=12
    )
    norm: str = option(
        "batch", "Normalisation; group is for batches of few images.", NORMS
    )
    dice_weight: float = option(
        1.0, "Weight of the overlap of the areas beside the cross-entropy."
    )
    learning_rate: float = option(2e-3, "Largest learning rate of Adam.")
    schedule: str = schedule_option("cosine")
    keep_best: str = keep_best_option("mean_iou")


def load(config):
    """Returns the `Masked` images to train on, and others to test on.

    Raises:
        UsageError: if a flag has no effect.
        DataError: if the images cannot be loaded or are too few.
    """
    if config.dataset != "folder":
        refuse_unused(config, ["classes"], "without --dataset=folder")
        where = config.dataset, config.image_size, config.data_dir
        data = load_masked(*where, config.max_images, "train")
        test = load_masked(*where, artifacts.SAMPLES, "test")
        if len(data.classes) != len(test.classes):
            raise DataError(
                f"The masks for training have {len(data.classes)} classes and "
                f"those for the test {len(test.classes)}: use another "
                "--max_images."
            )
        return data, test
    data = read_masked_folder(
        config.data_dir, config.image_size, config.max_images, config.classes
    )
    test = np.arange(len(data.images)) % HELD_OUT == 0
    if test.all():
        raise DataError(
            "One picture cannot serve for both training and test: put more "
            "into the folder that --data_dir names."
        )
    return data.only(~test), data.only(test)


def build(config, channels, classes, rank=2, steps=1):
    """Returns the compiled U-Net of a config, its weights seeded.

    Args:
        config: The settings.
        channels: Channels of the images.
        classes: Number of classes.
        rank: 2 for images, 3 for volumes.
        steps: Number of steps of the whole training, for its schedule.

    Raises:
        UsageError: if the network refuses a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        model = unet(
            None,
            channels,
            classes,
            config.width,
            config.depth,
            config.upsample,
            config.kernel_size,
            config.pad_mode,
            config.norm,
            rank,
        )
    rate = config.scheduled(config.learning_rate, steps)
    model.compile(
        keras.optimizers.Adam(rate, **config.gradient_arguments()),
        SegmentationLoss(config.dice_weight),
        metrics=[mean_iou(classes)],
        jit_compile=config.jit_compile,
    )
    return model


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    run = Run("segmentation", config)
    data, test = load(config)
    with usage_errors():
        truth = one_hot(test.masks[:SCORED], len(test.classes))
        scores = {"test masks": logit_scores(truth)}
    mask = held_out(config, len(data.images))
    data, kept = data.only(~mask), data.only(mask)
    steps = len(data.images) // config.batch_size
    channels, rank = data.images.shape[-1], data.masks.ndim - 1
    model = build(
        config, channels, len(data.classes), rank, steps * config.epochs
    )
    initialise(model, config)
    run.expect_pictures(data.images, data.masks, data.classes)
    validation = _validation(run, model, kept)
    run.fit_dataset(
        model,
        functools.partial(_served, config, data),
        steps,
        lambda: from_uint8(_shown(model, test)),
        [validation],
    )
    _finish(run, in_float32(model), test, scores)
    validation.announce()


def _served(config, data, first, last, skip):
    """Returns the batches of some epochs, changed as the config says."""
    augment = MaskedAugmentation(
        Augmentation(config.flip, config.crop),
        Augmentation(colour=config.colour),
    )
    return masked_batches(
        data, config.batch_size, config.seed, first, last, augment, skip
    )


def _validation(run, model, kept):
    def measure():
        guesses = guessed(model, kept.images)
        reached = iou_scores(kept.masks, guesses, kept.classes)
        return {"mean_iou": reached["mean_iou"]}

    return Validation(run, "segmentation", measure, lambda: in_float32(model))


def _shown(network, test):
    images, masks = test.images[:SHOWN], test.masks[:SHOWN]
    return beside(images, masks, guessed(network, images))


def _finish(run, network, test, scores):
    """Writes and prints what the network reaches, and exports it."""
    guesses = guessed(network, test.images)
    reached = iou_scores(test.masks, guesses, test.classes)
    run.write("segmentation.json", reached)
    run.write("classes.json", test.classes)
    made = np.concatenate([*logits_of(network, test.images[:SCORED])])
    scores["logits"] = logit_scores(made)
    print(
        f"\nOverlap with the masks of {len(test.images)} test images: "
        f"mIoU {reached['mean_iou']:.2%}, "
        f"{reached['pixel accuracy']:.2%} of the pixels right"
    )
    jax = keras.backend.backend() == "jax"
    served = of_size(network, test.images) if jax else network
    shown = _shown(network, test)
    finish(run, network, "segmentation", shown, scores, served)


if __name__ == "__main__":
    main(Config, train, __doc__)
