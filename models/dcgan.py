"""DCGAN (Radford et al. 2015, arXiv 1511.06434) on any upsampler."""

import functools

import keras

from tfupsample.arguments import (
    MOST_CHANNELS,
    MOST_SIDE,
    check_channels,
    integer,
    one_of,
)
from tfupsample.layers.alias_free import FilteredActivation
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.upsampler import network_upsampler, upsampler_names

from .conditional import (
    joined,
    label_inputs,
    of_latents,
    projected,
    with_labels,
)

_SMALLEST = 4  # pixels a side where the generator starts
DISCRIMINATOR_STEMS = ("strided", "regular")
NORMALISATIONS = ("batch", "none")
ACTIVATIONS = ("relu", "filtered")
# Of `FilteredActivation`: nothing is left above the highest frequency.
_LOW = {"cutoff": 0.25, "half_width": 0.25}


def stages(image_size):
    """Returns the number of doublings from 4 pixels to `image_size`.

    Raises:
        ValueError: if `image_size` is not 4 times a power of two, at least 8.
    """
    size = integer("image_size", image_size, 8, MOST_SIDE)
    count = (size // _SMALLEST).bit_length() - 1
    if count < 1 or _SMALLEST << count != size:
        raise ValueError(
            "`image_size` must be 4 times a power of two, at least 8, such as "
            f"32, 64 or 128. Received: {image_size!r}"
        )
    return count


def generator(
    image_size=64,
    channels=3,
    latent_dim=100,
    width=32,
    upsample="nearest",
    kernel_size=3,
    pad_mode="symmetric",
    classes=0,
    last_width=0,
    activation="relu",
):
    """Returns the generator: latents `(batch, latent_dim)` to images.

    A projection to 4×4 pixels, then one upsampling with batch normalisation and
    ReLU for each doubling, halving the channels, down to `width`; the last
    upsampling makes the image, unless a 3×3 convolution behind it does.

    Args:
        image_size: Pixels a side: 32, 64, 128 or another `4 * 2**n`.
        channels: Channels of the image.
        latent_dim: Length of a latent, drawn from a standard normal.
        width: Channels before the last upsampling.
        upsample: Key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What the upsamplings see beyond the border.
        classes: Number of classes; if not 0, the generator also takes labels,
            one-hot `(batch, classes)`, which join the latents.
        last_width: Channels after the last upsampling, of which one more
            convolution makes the image; 0: the upsampling makes it.
        activation: `"relu"`, or `"filtered"` for one that is applied between
            the pixels, so that with `upsample="alias_free"` what is drawn moves
            with the features that it is drawn from (Karras et al. 2021).

    Returns:
        A `keras.Model` to `(batch, image_size, image_size, channels)`, float32
        in [-1, 1].

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    count = stages(image_size)
    check_channels(channels=channels, latent_dim=latent_dim, width=width)
    integer("last_width", last_width, 0, MOST_CHANNELS)
    one_of("activation", activation, ACTIVATIONS)
    names = upsampler_names(upsample, count)
    filters = width << (count - 1)
    latents = keras.Input((latent_dim,), name="latents")
    labels = label_inputs(classes)
    x = keras.layers.Dense(
        _SMALLEST**2 * filters, use_bias=False, kernel_initializer=_start()
    )(with_labels(latents, labels))
    x = keras.layers.Reshape((_SMALLEST, _SMALLEST, filters))(x)

    def active(x):
        x = keras.layers.BatchNormalization()(x)
        if activation == "relu":
            return keras.layers.ReLU()(x)
        return FilteredActivation("relu", **_LOW, pad_mode=pad_mode)(x)

    def upsampling(name, filters, **kwargs):
        return network_upsampler(
            name,
            filters,
            kernel_size,
            2,
            pad_mode,
            kernel_initializer=_start(),
            **kwargs,
        )

    for name in names[:-1]:
        filters //= 2
        x = upsampling(name, filters, use_bias=False)(active(x))
    # 16-bit images would be coarser than the 8 bits of a picture near ±1.
    if last_width:
        x = upsampling(names[-1], last_width, use_bias=False)(active(x))
        last = PaddedConv2D(
            channels,
            3,
            pad_mode=pad_mode,
            kernel_initializer=_start(),
            dtype="float32",
        )
    else:
        last = upsampling(names[-1], channels, dtype="float32")
    x = last(active(x))
    images = keras.layers.Activation("tanh", dtype="float32", name="images")(x)
    return keras.Model(joined(latents, labels), images, name="generator")


@functools.wraps(generator, assigned=())
def sampler(*args, **kwargs):
    """Returns a `generator` with classes as one of latents alone.

    See `conditional.of_latents`; the arguments are those of `generator`.
    """
    return of_latents(generator(*args, **kwargs))


def _start():
    # A new one for each layer: one object draws the same numbers for all.
    return keras.initializers.RandomNormal(stddev=0.02)


def discriminator(
    image_size=64,
    channels=3,
    width=32,
    stem="strided",
    classes=0,
    normalisation="batch",
):
    """Returns the discriminator: images to logits, positive for real.

    Strided 5×5 convolutions with leaky ReLU, doubling the channels from
    `width`, and with batch normalisation but for the first.

    Args:
        image_size: Pixels a side: 32, 64, 128 or another `4 * 2**n`.
        channels: Channels of the image.
        width: Channels of the first convolution.
        stem: `"strided"`, or `"regular"` for a first convolution of stride 1:
            a strided one sends a checkerboard back to the generator in its
            gradient (the experiment of the Distill article).
        classes: Number of classes; if not 0, the discriminator also takes
            labels, one-hot, and projects the mean features on them.
        normalisation: `"batch"`, or `"none"` for a discriminator that judges
            each image by itself, as an R1 penalty assumes (Mescheder et al.
            2018, arXiv 1801.04406).

    Returns:
        A `keras.Model` from `(batch, image_size, image_size, channels)` to
        `(batch, 1)`, float32.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    check_channels(channels=channels, width=width)
    stages(image_size)
    stride = 2 if one_of("stem", stem, DISCRIMINATOR_STEMS) == "strided" else 1
    normed = one_of("normalisation", normalisation, NORMALISATIONS) == "batch"
    images = keras.Input((image_size, image_size, channels), name="images")
    x = _convolution(images, width, stride, normed)
    for stage in range(1, stages(image_size)):
        x = keras.layers.LeakyReLU(0.2)(x)
        x = _convolution(x, width << stage, 2, normed, use_bias=not normed)
        if normed:
            x = keras.layers.BatchNormalization()(x)
    x = keras.layers.LeakyReLU(0.2)(x)
    flat = keras.layers.Flatten()(x)
    logits = keras.layers.Dense(1, dtype="float32", name="logits")(flat)
    labels = label_inputs(classes)
    if classes:
        features = keras.layers.GlobalAveragePooling2D()(x)
        logits = projected(logits, features, labels)
    return keras.Model(joined(images, labels), logits, name="discriminator")


def _convolution(x, filters, stride, normed, **kwargs):
    # Small kernels without a normalisation would let the signal fade away.
    start = _start() if normed else "glorot_uniform"
    return keras.layers.Conv2D(
        filters,
        5,
        stride,
        padding="same",
        kernel_initializer=start,
        **kwargs,
    )(x)
