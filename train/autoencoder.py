"""Trains an autoencoder that upsamples in the way you choose.

    python -m train.autoencoder --dataset=photos
    python -m train.autoencoder --dataset=photos --upsample=deconv
    python -m train.autoencoder --dataset=digits --image_size=32 --variational
    python -m train.autoencoder --dataset=folder --data_dir=PICTURES --code=64

The run directory (--workdir) receives the settings, the metrics, test images
beside their reconstructions for each epoch, and checkpoints. At the end it
receives PSNR, SSIM and border errors in reconstruction.json, the artifact
scores of reconstructions and test images, a SavedModel and autoencoder.keras,
in float32 whatever the --precision of the training. Every tenth picture of a
folder is kept for the test. Run the same command again to resume.
KERAS_BACKEND=jax trains on JAX.
"""

import dataclasses

import keras
import numpy as np

from models.autoencoder import Autoencoder, autoencoder
from tfupsample.images.arrays import from_uint8, to_uint8
from tfupsample.measures.border import border_deviation
from train.data import DataError, load_images
from train.data.files import only
from train.engine.config import LossConfig, UpsampleConfig
from train.engine.main import main
from train.engine.optimizer import OptimizerConfig
from train.engine.options import option, refuse_unused, usage_errors
from train.engine.run import Run
from train.evaluation import artifacts
from train.evaluation.finish import finish
from train.evaluation.validation import (
    Validation,
    ValidationConfig,
    divided,
    keep_best_option,
)
from train.networks.load import InitConfig, initialise
from train.networks.weights import in_float32

HELD_OUT = 10  # every tenth picture of a folder is for the test
SHOWN = 36


@dataclasses.dataclass(frozen=True)
class Config(
    InitConfig, LossConfig, OptimizerConfig, ValidationConfig, UpsampleConfig
):
    """Settings of `python -m train.autoencoder`."""

    width: int = option(32, "Channels at half the full resolution.", least=1)
    code: int = option(16, "Channels of the code.", least=1)
    depth: int = option(
        3, "How often the encoder halves the sides.", least=1, most=12
    )
    variational: bool = option(False, "Train a variational autoencoder.")
    kl_weight: float = option(
        0.01,
        "Weight of the divergence of the codes from a standard normal, in nats "
        "per value, with --variational.",
    )
    learning_rate: float = option(1e-3, "Largest learning rate of Adam.")
    keep_best: str = keep_best_option("psnr_db", "ssim")


def load(config):
    """Returns uint8 images to train on, and others to test on.

    Those to train on may stay in their files.

    Raises:
        DataError: if the images cannot be loaded or are too few.
    """
    where = config.dataset, config.image_size, config.data_dir
    images = load_images(*where, config.max_images, stream=True).images
    if config.dataset != "folder":
        test = load_images(*where, artifacts.SAMPLES, "test").images
        return images, test
    if len(images) < 2:
        raise DataError(
            "One picture cannot serve for both training and test: put more "
            "into the folder that --data_dir names."
        )
    held_out = np.arange(len(images)) % HELD_OUT == 0
    test = np.flatnonzero(held_out)[: artifacts.SAMPLES]
    return only(images, ~held_out), images[test]


def build(config, channels, steps=1):
    """Returns the compiled `Autoencoder` of a config, its weights seeded.

    Args:
        config: The settings.
        channels: Channels of the images.
        steps: Number of steps of the whole training, for its schedule.

    Raises:
        UsageError: if the networks refuse a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        model = autoencoder(
            config.image_size,
            channels,
            config.width,
            config.code,
            config.depth,
            config.upsample,
            config.kernel_size,
            config.pad_mode,
            config.variational,
            kl_weight=config.kl_weight,
            image_loss=config.image_loss(),
            seed=config.seed,
        )
    rate = config.scheduled(config.learning_rate, steps)
    model.compile(
        keras.optimizers.Adam(rate, **config.gradient_arguments()),
        jit_compile=config.jit_compile,
    )
    side = config.image_size
    model.build((config.batch_size, side, side, channels))
    return model


def reconstruct(network, images):
    """Returns what a network makes of images."""
    return network.predict(images, batch_size=64, verbose=0)


def beside(images, reconstructions):
    """Returns images, each with its reconstruction to the right."""
    return np.concatenate([images, reconstructions], axis=2)


def reconstruction_scores(images, reconstructions):
    """Returns PSNR, SSIM, and how the errors differ by ring at the border."""
    border = border_deviation(reconstructions - images)
    return {
        **artifacts.similarity(to_uint8(images), to_uint8(reconstructions)),
        "border_error_mean": border.mean.tolist(),
        "border_error_spread": border.spread.tolist(),
    }


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    if not config.variational:
        refuse_unused(config, ["kl_weight"], "without --variational")
    run = Run("autoencoder", config)
    images, test = load(config)
    images, kept = divided(config, images)
    with usage_errors():
        scores = {"test images": artifacts.artifact_scores(test)}
    test = from_uint8(test)
    steps = len(images) // config.batch_size * config.epochs
    model = build(config, images.shape[-1], steps)
    network = model.reconstructor()
    initialise(network, config)

    def measure():
        made = reconstruct(network, from_uint8(kept))
        return artifacts.similarity(kept, to_uint8(made))

    def finished():
        return Autoencoder(
            in_float32(model.encoder), in_float32(model.decoder)
        ).reconstructor()

    validation = Validation(run, "autoencoder", measure, finished)
    run.fit(
        model,
        images,
        lambda: beside(test[:SHOWN], reconstruct(network, test[:SHOWN])),
        callbacks=[validation],
    )
    network = finished()
    made = reconstruct(network, test)
    scores["reconstructions"] = artifacts.artifact_scores(to_uint8(made))
    reached = reconstruction_scores(test, made)
    run.write("reconstruction.json", reached)
    print(
        f"\nReconstructions of {len(test)} test images: "
        f"PSNR {reached['psnr_db']:.2f} dB, SSIM {reached['ssim']:.4f}"
    )
    shown = to_uint8(beside(test[:SHOWN], made[:SHOWN]))
    finish(run, network, "autoencoder", shown, scores)
    validation.announce()


if __name__ == "__main__":
    main(Config, train, __doc__)
