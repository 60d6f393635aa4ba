"""Trains a StyleGAN2 whose generator upsamples in the way you choose.

    python -m train.stylegan2 --batch_size=32
    python -m train.stylegan2 --upsample=nearest --precision=mixed_bfloat16
    python -m train.stylegan2 --dataset=folder --data_dir=PICTURES --flip
    python -m train.stylegan2 --traverse=hue --workdir=RUN

The run directory (--workdir) receives what that of train.dcgan does. The same
command started again goes on where the run was. KERAS_BACKEND=jax trains on
JAX.

--traverse trains nothing. It finds, in z and in w, the direction of a factor of
shapes, from what train.factors reads in random pictures, and writes sheets of
pictures moved along it (traverse_hue_z.png, traverse_hue_w.png) and how often
the factor follows and how much the others move (traverse_hue.json).
"""

import dataclasses

import keras

from models import stylegan2
from train.engine.config import UpsampleConfig, option, usage_errors
from train.engine.main import main
from train.evaluation.distances import DistanceConfig
from train.evaluation.gan import train_gan
from train.networks.load import InitConfig
from train.traverse import TraverseConfig, traverse


@dataclasses.dataclass(frozen=True)
class Config(InitConfig, TraverseConfig, DistanceConfig, UpsampleConfig):
    """Settings of `python -m train.stylegan2`."""

    upsample: str = option(
        "filtered", "How features are upsampled; values as for train.dcgan."
    )
    width: int = option(32, "Channels at the full resolution.", least=1)
    widest: int = option(128, "Most channels at any resolution.", least=1)
    latent_dim: int = option(64, "Length of a latent, z and w.", least=1)
    mapping_layers: int = option(
        4, "Dense layers from z to w.", least=1, most=1000
    )
    mapping_speed: float = option(
        0.1, "Of their learning relative to other layers; 0.01 in the paper."
    )
    noise: bool = option(
        True,
        "Add noise after each convolution, for random detail; off for pictures "
        "without such, like shapes.",
    )
    learning_rate: float = option(2e-3, "Step size of the generator's Adam.")
    discriminator_learning_rate: float = option(
        2e-4, "Step size of the discriminator's Adam."
    )
    momentum: float = option(
        0.999, "Of the averaged weights; 0 for none.", most=1
    )
    mixing: float = option(
        0.9, "Share of images with the styles of two w.", most=1
    )
    r1: float = option(0.1, "Weight of the gradient penalty; 0 for none.")
    path_length: float = option(
        2.0, "Weight of the path length penalty; 0 for none."
    )


def build(config, channels):
    """Returns the compiled `StyleGAN2` of a config, its weights seeded.

    Args:
        config: The settings.
        channels: Channels of the images.

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
        )
        discriminator = stylegan2.discriminator(
            config.image_size, channels, config.width, config.widest
        )
    model = stylegan2.StyleGAN2(
        generator,
        discriminator,
        config.momentum,
        config.seed,
        config.mixing,
        config.r1,
        path_length=config.path_length,
    )
    model.compile_adam(
        config.learning_rate,
        config.discriminator_learning_rate,
        beta_1=0.0,
        beta_2=0.99,
        jit_compile=config.jit_compile,
    )
    side = config.image_size
    model.build((config.batch_size, side, side, channels))
    return model


def train(config):
    """Trains into `config.workdir`, or draws what `config.traverse` asks for.

    Args:
        config: The settings.
    """
    if config.traverse:
        traverse(config)
    else:
        train_gan("stylegan2", config, build)


if __name__ == "__main__":
    main(Config, train, __doc__)
