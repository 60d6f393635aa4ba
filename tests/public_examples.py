"""Networks with the published hyperparameters of well-known examples.

Written from what the examples say of themselves: kinds of layers, kernel sizes,
strides, padding, activations, initializers. Widths are arguments, so that tests
are quick; the inspector's verdicts do not depend on them.
"""

import math
from typing import NamedTuple

import keras
from keras import layers, ops

from tfupsample import Pad2D, PaddedConv2D, ResizeConv2D


class PublicModel(NamedTuple):
    """A network and its verdict.

    Attributes:
        build: Function of no argument that returns it.
        paints: Whether flat inputs come out with a pattern.
        reason: Why, by hand, from its layers.
    """

    build: object
    paints: bool
    reason: str


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


def keras_dcgan(width=128):
    """Generator of the DCGAN of keras.io: 64×64 faces from 128 latents."""
    return keras.Sequential(
        [
            keras.Input((128,)),
            layers.Dense(8 * 8 * width),
            layers.Reshape((8, 8, width)),
            *_even_transposed(width),
            *_even_transposed(2 * width),
            *_even_transposed(4 * width),
            layers.Conv2D(3, 5, padding="same", activation="sigmoid"),
        ],
        name="keras_dcgan",
    )


def keras_conditional_gan(width=128, classes=10):
    """Generator of the conditional GAN of keras.io: 28×28 digits."""
    depth = 128 + classes
    return keras.Sequential(
        [
            keras.Input((depth,)),
            layers.Dense(7 * 7 * depth),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, depth)),
            *_even_transposed(width),
            *_even_transposed(width),
            layers.Conv2D(1, 7, padding="same", activation="sigmoid"),
        ],
        name="keras_conditional_gan",
    )


def _even_transposed(filters):
    return [
        layers.Conv2DTranspose(filters, 4, 2, "same"),
        layers.LeakyReLU(negative_slope=0.2),
    ]


def keras_wgan_gp(width=64):
    """Generator of the WGAN-GP of keras.io: nearest resize, then a crop."""
    return keras.Sequential(
        [
            keras.Input((128,)),
            layers.Dense(4 * 4 * 4 * width, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((4, 4, 4 * width)),
            *_resized(2 * width, layers.LeakyReLU(negative_slope=0.2)),
            *_resized(width, layers.LeakyReLU(negative_slope=0.2)),
            *_resized(1, layers.Activation("tanh")),
            layers.Cropping2D(2),
        ],
        name="keras_wgan_gp",
    )


def _resized(filters, activation):
    return [
        layers.UpSampling2D(),
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        activation,
    ]


def keras_autoencoder(filters=32):
    """Denoising autoencoder of keras.io: pools, and 3×3 stride 2."""
    digits = x = keras.Input((28, 28, 1))
    for _ in range(2):
        x = layers.Conv2D(filters, 3, activation="relu", padding="same")(x)
        x = layers.MaxPooling2D(2, padding="same")(x)
    for _ in range(2):
        x = layers.Conv2DTranspose(
            filters, 3, 2, activation="relu", padding="same"
        )(x)
    x = layers.Conv2D(1, 3, activation="sigmoid", padding="same")(x)
    return keras.Model(digits, x, name="keras_autoencoder")


def pix2pix(width=64, size=256):
    """Generator of pix2pix, TensorFlow's tutorial: 4×4 stride 2, skips.

    Down to one pixel, so that smaller pictures take fewer steps.
    """
    images = x = keras.Input((size, size, 3))
    widths = [width, 2 * width, 4 * width, *[8 * width] * 5]
    widths = widths[: int(math.log2(size))]
    skips = []
    for filters in widths:
        x = layers.Conv2D(filters, 4, 2, "same", use_bias=False)(x)
        x = layers.BatchNormalization()(x) if skips else x
        x = layers.LeakyReLU()(x)
        skips.append(x)
    for filters, skip in zip(widths[-2::-1], skips[-2::-1]):
        x = layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Concatenate()([x, skip])
    x = layers.Conv2DTranspose(3, 4, 2, "same", activation="tanh")(x)
    return keras.Model(images, x, name="pix2pix")


def keras_unet(widths=(32, 64, 128, 256), size=160, classes=3):
    """Segmentation of pets of keras.io: Xception-like, nearest resize."""
    images = keras.Input((size, size, 3))
    x = layers.Conv2D(widths[0], 3, 2, "same")(images)
    before = x = layers.ReLU()(layers.BatchNormalization()(x))
    for filters in widths[1:]:
        for _ in range(2):
            x = layers.SeparableConv2D(filters, 3, padding="same")(
                layers.ReLU()(x)
            )
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(3, 2, "same")(x)
        before = layers.Conv2D(filters, 1, 2, "same")(before)
        before = x = layers.Add()([x, before])
    for filters in widths[::-1]:
        for _ in range(2):
            x = layers.Conv2DTranspose(filters, 3, padding="same")(
                layers.ReLU()(x)
            )
            x = layers.BatchNormalization()(x)
        before = layers.UpSampling2D()(before)
        before = layers.Conv2D(filters, 1, padding="same")(before)
        before = x = layers.Add()([layers.UpSampling2D()(x), before])
    x = layers.Conv2D(classes, 3, activation="softmax", padding="same")(x)
    return keras.Model(images, x, name="keras_unet")


def keras_ddim(widths=(32, 64, 96, 128), block_depth=2, size=64):
    """Denoising network of the DDIM of keras.io: bilinear resize.

    Its last layer starts with zeros; here it is drawn, as if trained.
    """
    images = keras.Input((size, size, 3))
    variances = keras.Input((1, 1, 1))
    noise = layers.Lambda(_sinusoids, output_shape=(1, 1, 32))(variances)
    noise = layers.UpSampling2D(size)(noise)
    x = layers.Concatenate()([layers.Conv2D(widths[0], 1)(images), noise])
    skips = []
    for width in widths[:-1]:
        for _ in range(block_depth):
            x = _residual(width, x)
            skips.append(x)
        x = layers.AveragePooling2D(2)(x)
    for _ in range(block_depth):
        x = _residual(widths[-1], x)
    for width in widths[-2::-1]:
        x = layers.UpSampling2D(2, interpolation="bilinear")(x)
        for _ in range(block_depth):
            x = _residual(width, layers.Concatenate()([x, skips.pop()]))
    x = layers.Conv2D(3, 1)(x)
    return keras.Model([images, variances], x, name="keras_ddim")


def _sinusoids(x):
    frequencies = ops.exp(ops.linspace(0.0, 6.9, 16))
    angles = 2.0 * 3.14159 * frequencies * x
    return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=3)


def _residual(width, x):
    residual = x if x.shape[-1] == width else layers.Conv2D(width, 1)(x)
    x = layers.BatchNormalization(center=False, scale=False)(x)
    x = layers.Conv2D(width, 3, padding="same", activation="swish")(x)
    x = layers.Conv2D(width, 3, padding="same")(x)
    return layers.Add()([x, residual])


class VectorQuantizer(layers.Layer):
    """The nearest of the vectors of a code book, for each pixel."""

    def __init__(self, vectors, size, **kwargs):
        super().__init__(**kwargs)
        self.code_book = self.add_weight(
            (size, vectors), "random_uniform", name="code_book"
        )

    def call(self, x):
        flat = ops.reshape(x, (-1, self.code_book.shape[0]))
        distances = (
            ops.sum(flat**2, axis=1, keepdims=True)
            + ops.sum(self.code_book**2, axis=0)
            - 2 * ops.matmul(flat, self.code_book)
        )
        nearest = ops.one_hot(
            ops.argmin(distances, axis=1), self.code_book.shape[1]
        )
        found = ops.matmul(nearest, ops.transpose(self.code_book))
        found = ops.reshape(found, ops.shape(x))
        return x + ops.stop_gradient(found - x)


def keras_vq_vae(latent_dim=16, vectors=64):
    """VQ-VAE of keras.io: 3×3 stride 2 behind a code book."""
    digits = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, 2, "same", activation="relu")(digits)
    x = layers.Conv2D(64, 3, 2, "same", activation="relu")(x)
    x = layers.Conv2D(latent_dim, 1, padding="same")(x)
    x = VectorQuantizer(vectors, latent_dim)(x)
    for filters in (64, 32):
        x = layers.Conv2DTranspose(filters, 3, 2, "same", activation="relu")(x)
    x = layers.Conv2DTranspose(1, 3, padding="same")(x)
    return keras.Model(digits, x, name="keras_vq_vae")


def keras_edsr(filters=64, blocks=16):
    """EDSR of keras.io: two sub-pixel steps without ICNR."""
    images = keras.Input((None, None, 3))
    x = skip = layers.Conv2D(filters, 3, padding="same")(
        layers.Rescaling(1 / 255)(images)
    )
    for _ in range(blocks):
        y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        y = layers.Conv2D(filters, 3, padding="same")(y)
        x = layers.Add()([x, y])
    x = layers.Add()([layers.Conv2D(filters, 3, padding="same")(x), skip])
    for _ in range(2):
        x = layers.Conv2D(4 * filters, 3, padding="same")(x)
        x = ops.nn.depth_to_space(x, 2)
    x = layers.Conv2D(3, 3, padding="same")(x)
    return keras.Model(images, layers.Rescaling(255)(x), name="keras_edsr")


def keras_depth(widths=(16, 32, 64, 128, 256), size=256):
    """Depth estimation of keras.io: nearest resize, skips."""
    images = x = keras.Input((size, size, 3))
    skips = []
    for width in widths[:-1]:
        x = _twice(width, x, residual=True)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = _twice(widths[-1], x)
    for width in widths[-2::-1]:
        x = layers.Concatenate()([layers.UpSampling2D()(x), skips.pop()])
        x = _twice(width, x)
    x = layers.Conv2D(1, 1, padding="same", activation="tanh")(x)
    return keras.Model(images, x, name="keras_depth")


def _twice(filters, x, residual=False):
    first = x = layers.Conv2D(filters, 3, padding="same")(x)
    x = layers.LeakyReLU(negative_slope=0.2)(layers.BatchNormalization()(x))
    x = layers.Conv2D(filters, 3, padding="same")(x)
    x = layers.LeakyReLU(negative_slope=0.2)(layers.BatchNormalization()(x))
    return x + first if residual else x


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


_UNEVEN = "kernel 3 or 5 with stride 2: phases have different numbers of taps"
_DRAWN = (
    "kernel 4 with stride 2, drawn at random: as many taps in each phase, "
    "but other weights"
)
_NO_ICNR = "the convolution before the shuffle has other weights for each phase"
_RESIZED = "nearest or bilinear resize, and convolutions without stride"
EXAMPLES = {
    "DCGAN": PublicModel(lambda: keras_dcgan(16), True, _DRAWN),
    "conditional GAN": PublicModel(
        lambda: keras_conditional_gan(16), True, _DRAWN
    ),
    "WGAN-GP": PublicModel(lambda: keras_wgan_gp(8), False, _RESIZED),
    "VAE": PublicModel(keras_vae, True, _UNEVEN),
    "VQ-VAE": PublicModel(keras_vq_vae, True, _UNEVEN),
    "autoencoder": PublicModel(keras_autoencoder, True, _UNEVEN),
    "CycleGAN": PublicModel(lambda: keras_cyclegan(2, 1), True, _UNEVEN),
    "pix2pix": PublicModel(lambda: pix2pix(4, 32), True, _DRAWN),
    "super-resolution": PublicModel(keras_super_resolution, True, _NO_ICNR),
    "EDSR": PublicModel(lambda: keras_edsr(8, 2), True, _NO_ICNR),
    "U-Net of pets": PublicModel(
        lambda: keras_unet((4, 8, 8), 32), False, _RESIZED
    ),
    "DDIM": PublicModel(lambda: keras_ddim((4, 8, 8), 1, 32), False, _RESIZED),
    "depth estimation": PublicModel(
        lambda: keras_depth((4, 4, 8), 32), False, _RESIZED
    ),
    "DCGAN of TensorFlow": PublicModel(tensorflow_dcgan, True, _UNEVEN),
}
"""Of keras.io, and two of TensorFlow; narrow, as width changes no verdict."""
