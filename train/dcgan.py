"""Trains a DCGAN whose generator upsamples in the way you choose.

    python -m train.dcgan --upsample=nearest
    python -m train.dcgan --upsample=deconv --kernel_size=5
    python -m train.dcgan --upsample=nearest,nearest,nearest,deconv
    python -m train.dcgan --dataset=folder --data_dir=PICTURES --image_size=32

The run directory (--workdir) receives the settings, the metrics, a grid of
samples for each epoch, and checkpoints. At the end it receives artifact scores
and distances to held-out images, beside those of the training images, a
SavedModel and generator.keras. --classifier=NAME adds distances between the
features of a classifier, such as classifier_cifar10. Run the same command again
to resume. KERAS_BACKEND=jax trains on JAX.
"""

import dataclasses

import keras

from models import dcgan
from models.gan import GAN
from train.engine.config import LossConfig
from train.engine.main import main
from train.engine.options import option, usage_errors
from train.evaluation.gan import GANConfig, diff_augment, train_gan


@dataclasses.dataclass(frozen=True)
class Config(GANConfig, LossConfig):
    """Settings of `python -m train.dcgan`."""

    width: int = option(32, "Channels at the full resolution.", least=1)
    last_width: int = option(
        0,
        "Channels after the last upsampling, of which one more convolution "
        "makes the image; 0: the upsampling makes it.",
    )
    activation: str = option(
        "relu",
        "Activation in the generator; filtered is for --upsample=alias_free.",
        dcgan.ACTIVATIONS,
    )
    latent_dim: int = option(100, "Length of the latents.", least=1)
    discriminator_stem: str = option(
        "strided",
        "First convolution of the discriminator; a strided one sends a "
        "checkerboard back in the gradient.",
        dcgan.DISCRIMINATOR_STEMS,
    )
    discriminator_norm: str = option(
        "batch",
        "Normalisation in the discriminator; with none it judges each image by "
        "itself, as --r1 assumes.",
        dcgan.NORMALISATIONS,
    )
    learning_rate: float = option(2e-4, "Largest learning rate of both Adams.")
    r1: float = option(
        0.0, "Weight of the penalty on the gradient at real images; 0: none."
    )
    r1_interval: int = option(
        4, "Steps from one R1 penalty to the next.", least=1
    )


def build(config, channels, steps=1, classes=0):
    """Returns the compiled `GAN` of a config, its weights seeded.

    Args:
        config: The settings.
        channels: Channels of the images.
        steps: Number of steps of the whole training, for its schedule.
        classes: Number of classes of the labels; 0 without --conditional.

    Raises:
        UsageError: if the networks refuse a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        model = GAN(
            dcgan.generator(
                config.image_size,
                channels,
                config.latent_dim,
                config.width,
                config.upsample,
                config.kernel_size,
                config.pad_mode,
                classes,
                config.last_width,
                config.activation,
            ),
            dcgan.discriminator(
                config.image_size,
                channels,
                config.width,
                config.discriminator_stem,
                classes,
                config.discriminator_norm,
            ),
            config.averages_momentum(),
            config.seed,
            config.image_loss(),
            augment=diff_augment(config),
            r1=config.r1,
            r1_interval=config.r1_interval,
        )
    rate = config.scheduled(config.learning_rate, steps)
    model.compile_adam(
        rate,
        rate,
        **config.gradient_arguments(),
        jit_compile=config.jit_compile,
    )
    side = config.image_size
    images = (config.batch_size, side, side, channels)
    model.build([images, (config.batch_size, classes)] if classes else images)
    return model


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    train_gan("dcgan", config, build)


if __name__ == "__main__":
    main(Config, train, __doc__)
