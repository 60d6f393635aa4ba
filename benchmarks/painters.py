"""Small networks of many kinds, trained so that they paint what they paint.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.painters

trains each of `KINDS` with each of `SEEDS` on the drawn shapes and saves it as
`runs/painters/KIND-SEED.keras`. What exists is left as it is, so that the same
command resumes. A network takes about a minute of one core; its upsamplings
are the stock ones, whose pattern is what the training leaves of it.
"""

import dataclasses
import functools
import pathlib
import sys
from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops

from models.gan import GAN
from tfupsample import SubpixelConv2D
from train.data.drawing import draw
from train.data.shapes import choose_factors

FOLDER = pathlib.Path("runs/painters")
SEEDS = (0, 1, 2)
LATENTS = 32
_BATCH = 32


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of network and its task.

    Attributes:
        about: What it is, for the table.
        build: Function that returns the network, untrained.
        size: Pixels a side of the pictures that it makes.
        task: `"gan"`, `"vae"`, or for networks from pictures a function of
            pictures and a generator of random numbers that returns the inputs
            from which the network shall make the pictures.
        channels: Channels of the pictures.
        steps: Steps of the optimizer; of a GAN as many before as a VAE.
    """

    about: str
    build: Callable
    size: int
    task: str | Callable
    channels: int = 3
    steps: int = 500


@functools.cache
def pictures(size, count, split="train", channels=3):
    """Returns drawn shapes, `(count, size, size, channels)` in [-1, 1]."""
    drawn = [
        draw(choose_factors(0, split, range(i, min(i + 64, count))), size)
        for i in range(0, count, 64)
    ]
    images = np.concatenate(drawn).astype("float32") / 127.5 - 1
    return images if channels == 3 else images.mean(-1, keepdims=True)


def _up(filters, kernel_size, strides=2, **kwargs):
    kwargs = {"padding": "same", "activation": "relu"} | kwargs
    return layers.Conv2DTranspose(filters, kernel_size, strides, **kwargs)


def _down(filters, kernel_size=3, strides=2, **kwargs):
    kwargs = {"padding": "same", "activation": "relu"} | kwargs
    return layers.Conv2D(filters, kernel_size, strides, **kwargs)


def _normed_relu(x):
    return layers.ReLU()(layers.BatchNormalization()(x))


def _projected(side, filters):
    """Latents, and small feature maps made of them."""
    latents = keras.Input((LATENTS,))
    x = layers.Dense(side * side * filters)(latents)
    return latents, layers.Reshape((side, side, filters))(x)


def _generator(side, filters, kernel_size, channels=3):
    """A DCGAN: doubled once for each of the filters."""
    latents, x = _projected(side, filters[0])
    for count in filters[1:]:
        x = _up(count, kernel_size, activation=None)(_normed_relu(x))
    x = _up(channels, kernel_size, activation="tanh")(_normed_relu(x))
    return keras.Model(latents, x)


def _shuffling_generator():
    """Convolution, normalisation, depth-to-space: without ICNR."""
    latents, x = _projected(8, 32)
    for filters in (16, 8):
        x = layers.Conv2D(4 * filters, 3, padding="same")(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = ops.depth_to_space(x, 2)
    x = layers.Conv2D(3, 3, padding="same", activation="tanh")(x)
    return keras.Model(latents, x)


def _vae_decoder():
    latents, x = _projected(7, 32)
    x = _up(16, 3)(_up(32, 3)(x))
    return keras.Model(latents, _up(1, 3, 1, activation="tanh")(x))


def _autoencoder(size, filters, kernel_size, strides=2, padding="same"):
    shared = {"kernel_size": kernel_size, "strides": strides}
    shared["padding"] = padding
    x = images = keras.Input((size, size, 3))
    for count in filters:
        x = _down(count, **shared)(x)
    for count in filters[-2::-1]:
        x = _up(count, **shared)(x)
    return keras.Model(images, _up(3, activation="tanh", **shared)(x))


def _unet():
    """Skips, normalisation and 4×4 kernels, as in pix2pix."""
    images = keras.Input((48, 48, 3))
    first = _down(12, 4)(images)
    second = _normed_relu(_down(24, 4, activation=None)(first))
    x = _normed_relu(_down(32, 4, activation=None)(second))
    x = _normed_relu(_up(24, 4, activation=None)(x))
    x = layers.Concatenate()([x, second])
    x = _normed_relu(_up(12, 4, activation=None)(x))
    x = layers.Concatenate()([x, first])
    return keras.Model(images, _up(3, 4, activation="tanh")(x))


def _fsrcnn():
    """Convolves small and enlarges at the end, for pictures of any size."""
    images = keras.Input((None, None, 3))
    x = _down(24, 5, 1)(images)
    x = _down(24, 3, 1)(_down(12, 1, 1)(x))
    return keras.Model(images, _up(3, 5, 3, activation=None)(x))


def _espcn():
    images = keras.Input((None, None, 3))
    x = _down(16, 3, 1)(_down(24, 5, 1)(images))
    return keras.Model(images, SubpixelConv2D(3, 3, 2, icnr=False)(x))


def same(images, rng):
    """For autoencoders."""
    del rng
    return images


def noisy(images, rng):
    """For networks that remove noise."""
    return images + rng.normal(0, 0.3, images.shape).astype("float32")


def reduced(scale):
    """For networks that enlarge: the mean over `scale` × `scale` pixels."""

    def reduce(images, rng):
        del rng
        count, side, _, channels = images.shape
        cells = (count, side // scale, scale, side // scale, scale, channels)
        return images.reshape(cells).mean((2, 4))

    return reduce


KINDS = {
    "gan28": Kind(
        "GAN, 5×5, stride 2, grey",
        functools.partial(_generator, 7, (48, 24), 5, 1),
        28,
        "gan",
        channels=1,
        steps=300,
    ),
    "gan32": Kind(
        "GAN, 3×3, stride 2",
        functools.partial(_generator, 8, (32, 16), 3),
        32,
        "gan",
        steps=300,
    ),
    "gan64": Kind(
        "GAN, 4×4, stride 2",
        functools.partial(_generator, 8, (48, 24, 12), 4),
        64,
        "gan",
        steps=300,
    ),
    "gan128": Kind(
        "narrow GAN, 4×4, stride 2",
        functools.partial(_generator, 16, (24, 12, 8), 4),
        128,
        "gan",
        steps=150,
    ),
    "shuffled_gan": Kind(
        "GAN, convolution, BatchNorm, depth-to-space",
        _shuffling_generator,
        32,
        "gan",
        steps=300,
    ),
    "vae": Kind("VAE, 3×3, stride 2", _vae_decoder, 28, "vae", channels=1),
    "autoencoder": Kind(
        "autoencoder, 4×4, stride 2",
        functools.partial(_autoencoder, 64, (12, 24, 32), 4),
        64,
        same,
    ),
    "autoencoder_by_3": Kind(
        "autoencoder, 5×5, stride 3, odd size",
        functools.partial(_autoencoder, 45, (16, 32), 5, 3),
        45,
        same,
    ),
    "autoencoder_valid": Kind(
        "autoencoder, 3×3, stride 2, valid, odd size",
        functools.partial(_autoencoder, 35, (16, 32), 3, 2, "valid"),
        35,
        same,
    ),
    "unet": Kind("U-Net, 4×4, stride 2, denoises", _unet, 48, noisy),
    "enlarges_by_3": Kind(
        "super-resolution, 5×5, stride 3", _fsrcnn, 48, reduced(3)
    ),
    "subpixel": Kind(
        "super-resolution, sub-pixel, no ICNR", _espcn, 48, reduced(2)
    ),
}


def path(name, seed):
    """Returns where a trained network lies."""
    return FOLDER / f"{name}-{seed}.keras"


def train(kind, seed):
    """Returns a trained network."""
    keras.utils.set_random_seed(seed)
    images = pictures(kind.size, 2048, channels=kind.channels)
    network = kind.build()
    if kind.task == "gan":
        return _train_gan(network, images, kind.steps)
    if kind.task == "vae":
        return _train_vae(network, images, kind.steps)
    inputs = kind.task(images, np.random.default_rng(seed))
    network.compile(keras.optimizers.Adam(2e-3), "mse")
    _fit(network, (inputs, images), kind.steps)
    return network


def _fit(model, data, steps):
    epochs = -(-steps * _BATCH // len(keras.tree.flatten(data)[0]))
    model.fit(*data, batch_size=_BATCH, epochs=epochs, verbose=0)


def _train_gan(generator, images, steps):
    """Against a discriminator, from a generator that a VAE has trained.

    So a few hundred steps are enough for pictures, where a generator that
    starts from noise has hardly left it.
    """
    _train_vae(generator, images, steps)
    x = inputs = keras.Input(images.shape[1:])
    for filters in (12, 24, 48):
        x = layers.LeakyReLU(0.2)(_down(filters, 4, activation=None)(x))
    judge = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
    gan = GAN(generator, judge, momentum=0)
    gan.compile_adam(2e-4, 2e-4)
    _fit(gan, (images,), steps)
    return generator


class _Vae(keras.Model):
    """Trains a decoder behind an encoder that gives distributions."""

    def __init__(self, decoder, shape):
        super().__init__(name="vae")
        images = keras.Input(shape)
        x = layers.Flatten()(_down(32)(_down(16)(images)))
        self.encoder = keras.Model(images, layers.Dense(2 * LATENTS)(x))
        self.decoder = decoder
        self.seeds = keras.random.SeedGenerator(0)

    def call(self, images, training=False):
        mean, log_variance = ops.split(self.encoder(images), 2, axis=-1)
        noise = keras.random.normal(ops.shape(mean), seed=self.seeds)
        codes = mean + ops.exp(log_variance / 2) * noise
        divergence = ops.exp(log_variance) + mean**2 - 1 - log_variance
        self.add_loss(2e-4 * ops.mean(ops.sum(divergence, axis=-1)))
        return self.decoder(codes, training=training)


def _train_vae(decoder, images, steps):
    model = _Vae(decoder, images.shape[1:])
    model.compile(keras.optimizers.Adam(2e-3), "mse")
    _fit(model, (images, images), steps)
    return decoder


def main(names):
    """Trains what is missing of the kinds that are named, or of all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS:
        for name in names or KINDS:
            if not path(name, seed).exists():
                train(KINDS[name], seed).save(path(name, seed))
                print(path(name, seed), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
