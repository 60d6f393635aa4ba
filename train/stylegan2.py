"""Trains a StyleGAN2 whose generator upsamples in the way you choose.

    python -m train.stylegan2 --batch_size=32
    python -m train.stylegan2 --upsample=nearest --precision=mixed_bfloat16
    python -m train.stylegan2 --dataset=folder --data_dir=PICTURES --flip

The run directory (--workdir) receives what that of train.dcgan does. Run the
same command again to resume. KERAS_BACKEND=jax trains on JAX. Afterwards
python -m train.traverse finds directions in the latents of the generator.
"""

import dataclasses

import keras

from models import stylegan2
from train.engine.main import main
from train.engine.options import option, usage_errors
from train.evaluation.gan import GANConfig, diff_augment, train_gan


@dataclasses.dataclass(frozen=True)
class Config(GANConfig):
    """Settings of `python -m train.stylegan2`."""

    upsample: str = option(
        "filtered", "How features are upsampled; choices as for train.dcgan."
    )
    width: int = option(32, "Channels at the full resolution.", least=1)
    widest: int = option(
        128, "Largest number of channels at any resolution.", least=1
    )
    latent_dim: int = option(64, "Length of the latents z and w.", least=1)
    mapping_layers: int = option(
        4, "Dense layers from z to w.", least=1, most=1000
    )
    mapping_speed: float = option(
        0.1,
        "Learning rate of these layers relative to others; 0.01 in the paper.",
    )
    noise: bool = option(
        True,
        "Add noise after each convolution, which makes random detail; turn it "
        "off for pictures without any, such as shapes.",
    )
    learning_rate: float = option(
        2e-3, "Largest learning rate of the generator's Adam."
    )
    discriminator_learning_rate: float = option(
        2e-4, "Largest learning rate of the discriminator's Adam."
    )
    mixing: float = option(
        0.9, "Share of the images that mix the styles of two w.", most=1
    )
    r1: float = option(0.1, "Weight of the gradient penalty; 0: none.")
    path_length: float = option(
        2.0, "Weight of the path length penalty; 0: none."
    )


def build(config, channels, steps=1, classes=0):
    """Returns the compiled `StyleGAN2` of a config, its weights seeded.

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
        generator = stylegan2.generator(
            config.image_size,
            channels,
            config.latent_dim,
            config.width,
            config.widest,
            config.upsample,
            config.kernel_size,
            config.pad_mode,
            config.mapping_layers,
            config.mapping_speed,
            config.noise,
            classes,
        )
        discriminator = stylegan2.discriminator(
            config.image_size, channels, config.width, config.widest, classes
        )
    model = stylegan2.StyleGAN2(
        generator,
        discriminator,
        config.averages_momentum(),
        config.seed,
        config.mixing,
        config.r1,
        path_length=config.path_length,
        augment=diff_augment(config),
    )
    model.compile_adam(
        config.scheduled(config.learning_rate, steps),
        config.scheduled(config.discriminator_learning_rate, steps),
        beta_1=0.0,
        beta_2=0.99,
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
    train_gan("stylegan2", config, build)


if __name__ == "__main__":
    main(Config, train, __doc__)
