"""Networks with the published hyperparameters of well-known examples.

Written from what the examples say of themselves: kinds of layers, kernel sizes,
strides, padding, activations, initializers. Widths are arguments, so that tests
are quick; the inspector's verdicts do not depend on them.
"""

import keras
from keras import layers, ops

from tfupsample import Pad2D, PaddedConv2D, ResizeConv2D


def tensorflow_dcgan():
    """TensorFlow's DCGAN tutorial: 28×28 digits from 100 latents."""
    return keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(7 * 7 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((7, 7, 256)),
            *_deconvolution(128, 1),
            *_deconvolution(64, 2),
            layers.Conv2DTranspose(
                1, 5, 2, "same", use_bias=False, activation="tanh", name="last"
            ),
        ],
        name="tensorflow_dcgan",
    )


def _deconvolution(filters, stride):
    return [
        layers.Conv2DTranspose(
            filters, 5, stride, "same", use_bias=False, name=f"up_{filters}"
        ),
        layers.BatchNormalization(),
        layers.LeakyReLU(),
    ]


def keras_vae(latent_dim=2):
    """Encoder and decoder of the VAE of keras.io, as one model of digits."""
    digits = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, 2, "same", activation="relu", name="down_1")(
        digits
    )
    x = layers.Conv2D(64, 3, 2, "same", activation="relu", name="down_2")(x)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(x))
    encoder = keras.Model(digits, layers.Dense(latent_dim)(x), name="encoder")
    latents = keras.Input((latent_dim,))
    x = layers.Dense(7 * 7 * 64, activation="relu")(latents)
    x = layers.Reshape((7, 7, 64))(x)
    for filters in (64, 32):
        x = layers.Conv2DTranspose(
            filters, 3, 2, "same", activation="relu", name=f"up_{filters}"
        )(x)
    x = layers.Conv2DTranspose(
        1, 3, padding="same", activation="sigmoid", name="last"
    )(x)
    decoder = keras.Model(latents, x, name="decoder")
    return keras.Model(digits, decoder(encoder(digits)), name="keras_vae")


def keras_cyclegan(filters=64, residual_blocks=9):
    """Generator of the CycleGAN of keras.io: 3×3 stride 2, reflections."""
    images = keras.Input((None, None, 3))
    x = _normed(layers.Conv2D(filters, 7, use_bias=False)(_reflect(3, images)))
    for i in (1, 2):
        filters *= 2
        x = layers.Conv2D(
            filters, 3, 2, "same", use_bias=False, name=f"down_{i}"
        )(x)
        x = _normed(x)
    for _ in range(residual_blocks):
        y = layers.Conv2D(filters, 3, use_bias=False)(_reflect(1, x))
        y = layers.Conv2D(filters, 3, use_bias=False)(_reflect(1, _normed(y)))
        x = layers.Add()([x, layers.GroupNormalization(-1)(y)])
    for i in (1, 2):
        filters //= 2
        x = layers.Conv2DTranspose(
            filters, 3, 2, "same", use_bias=False, name=f"up_{i}"
        )(x)
        x = _normed(x)
    x = layers.Conv2D(3, 7, activation="tanh")(_reflect(3, x))
    return keras.Model(images, x, name="keras_cyclegan")


def _reflect(width, x):
    return Pad2D(width, "reflect")(x)


def _normed(x):
    """Instance normalisation and ReLU."""
    return layers.ReLU()(layers.GroupNormalization(-1)(x))


def keras_super_resolution(upscale_factor=3, channels=1):
    """Super-resolution of keras.io: sub-pixels without ICNR, ReLU before."""
    images = x = keras.Input((None, None, channels))
    for filters, size in (
        (64, 5),
        (64, 3),
        (32, 3),
        (channels * upscale_factor**2, 3),
    ):
        x = layers.Conv2D(
            filters,
            size,
            padding="same",
            activation="relu",
            kernel_initializer="orthogonal",
        )(x)
    x = ops.nn.depth_to_space(x, upscale_factor)
    return keras.Model(images, x, name="keras_super_resolution")


def clean_unet(width=8, depth=2):
    """A U-Net of this package's layers: nearest resize, mirrored borders."""
    images = keras.Input((None, None, 3))
    x, skips = images, []
    for level in range(depth):
        x = PaddedConv2D(width << level, 3, activation="relu")(x)
        skips.append(x)
        x = PaddedConv2D(width << (level + 1), 4, strides=2)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    for level in reversed(range(depth)):
        x = ResizeConv2D(width << level, activation="relu", name=f"up_{level}")(
            x
        )
        x = layers.Concatenate()([x, skips[level]])
        x = PaddedConv2D(width << level, 3, activation="relu")(x)
    return keras.Model(images, PaddedConv2D(3, 3)(x), name="clean_unet")
