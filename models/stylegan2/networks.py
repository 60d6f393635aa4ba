"""The networks: from a latent to a style, from styles to an image, to a logit.

The generator sums an image over resolutions (skip connections); each step
upsamples features in the way you choose and the image bilinearly. The
discriminator is residual and averages pixels where it drops some.
"""

import math

import keras
from keras import ops

from tfupsample import BlurUpsample2D, PaddedConv2D
from tfupsample.arguments import boolean, check_channels, finite, integer
from tfupsample.layers.upsampler import network_upsampler, upsampler_names

from ..conditional import joined, label_inputs, projected, with_labels
from ..dcgan import stages
from .layers import (
    EqualizedDense,
    LearnedConstant,
    MinibatchDeviation,
    Modulated,
    Noise,
)

_SMALLEST = 4  # pixels a side where both networks begin or end


def generator(
    image_size=64,
    channels=3,
    latent_dim=64,
    width=32,
    widest=128,
    upsample="filtered",
    kernel_size=3,
    pad_mode="symmetric",
    mapping_layers=4,
    mapping_speed=0.1,
    noise=True,
    classes=0,
):
    """Returns the generator: latents `(batch, latent_dim)` to images.

    Its layers `"mapping"` and `"synthesis"` are the networks of these names.

    Args:
        image_size: Pixels a side: 32, 64, 128 or another `4 * 2**n`.
        channels: Channels of the image.
        latent_dim: Length of a latent z, drawn from a standard normal, and of
            the w that the mapping makes of it.
        width: Channels at the full resolution; twice as many at each lower one.
        widest: Most channels at any resolution.
        upsample: Key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What all kernels see beyond the border.
        mapping_layers: Dense layers from z to w.
        mapping_speed: How fast they learn relative to the other layers.
        noise: Whether noise is added after each convolution, for details that
            no latent decides. Training is faster without it.
        classes: Number of classes; if not 0, the generator also takes labels,
            one-hot `(batch, classes)`, which join z in the mapping.

    Returns:
        A `keras.Model` to `(batch, image_size, image_size, channels)`, float32,
        trained towards [-1, 1] but not clipped to it.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    painter = synthesis(
        image_size,
        channels,
        latent_dim,
        width,
        widest,
        upsample,
        kernel_size,
        pad_mode,
        noise,
    )
    mapper = mapping(latent_dim, mapping_layers, mapping_speed, classes)
    latents = keras.Input((latent_dim,), name="latents")
    given = joined(latents, label_inputs(classes))
    styles = keras.layers.RepeatVector(painter.input_shape[1])(mapper(given))
    return keras.Model(given, painter(styles), name="generator")


def mapping(latent_dim=64, layers=4, speed=0.1, classes=0):
    """Returns the network from z to w, both `(batch, latent_dim)`, float32.

    Args:
        latent_dim: Length of both.
        layers: Dense layers with leaky ReLU; z is first scaled to unit mean
            square.
        speed: How fast they learn relative to the other layers; 0.01 in the
            paper.
        classes: As for `generator`.
    """
    check_channels(latent_dim=latent_dim)
    integer("layers", layers, 1, 1000)
    finite("speed", speed)
    latents = keras.Input((latent_dim,), name="z", dtype="float32")
    size = ops.mean(ops.square(latents), axis=-1, keepdims=True)
    labels = label_inputs(classes)
    x = with_labels(latents * ops.rsqrt(size + 1e-8), labels)
    for _ in range(layers):
        x = EqualizedDense(latent_dim, speed, dtype="float32")(x)
        x = _leaky_relu(x, dtype="float32")
        x = keras.layers.Rescaling(math.sqrt(2), dtype="float32")(x)
    return keras.Model(joined(latents, labels), x, name="mapping")


def synthesis(
    image_size=64,
    channels=3,
    latent_dim=64,
    width=32,
    widest=128,
    upsample="filtered",
    kernel_size=3,
    pad_mode="symmetric",
    noise=True,
):
    """Returns the network from styles to images; arguments as `generator`.

    Returns:
        A `keras.Model` from `(batch, layers, latent_dim)`, one w for each of
        `2 * stages + 1` convolutions from the smallest resolution up.
    """
    count = stages(image_size)
    check_channels(channels=channels, latent_dim=latent_dim)
    boolean("noise", noise)
    names = upsampler_names(upsample, count)
    sizes = _widths(width, widest, count)[::-1]
    styles = keras.Input((2 * count + 1, latent_dim), name="styles")
    each = iter(ops.unstack(styles, axis=1))

    def convolution(filters, kernel_size=3, **kwargs):
        return PaddedConv2D(
            filters, kernel_size, pad_mode=pad_mode, **_plain(), **kwargs
        )

    def styled(x, layer, style, seed):
        x = Modulated(layer)([x, style])
        return _leaky_relu(Noise(seed)(x) if noise else x)

    def image(x, style):
        # 16-bit images would be coarser than the 8 bits of a picture near ±1.
        layer = convolution(channels, 1, dtype="float32")
        return Modulated(layer, None, dtype="float32")([x, style])

    style = next(each)
    x = LearnedConstant((_SMALLEST, _SMALLEST, sizes[0]))(style)
    x = styled(x, convolution(sizes[0]), style, 0)
    total = image(x, style)
    for i, (name, filters) in enumerate(zip(names, sizes[1:])):
        up = network_upsampler(
            name, filters, kernel_size, 2, pad_mode, **_plain()
        )
        x = styled(x, up, next(each), 2 * i + 1)
        style = next(each)
        x = styled(x, convolution(filters), style, 2 * i + 2)
        larger = BlurUpsample2D(dtype="float32")(total)
        total = larger + image(x, style)
    return keras.Model(styles, total, name="synthesis")


def _plain():
    """Arguments of a convolution under `Modulated`, with a seed of its own."""
    return {
        "use_bias": False,
        "kernel_initializer": keras.initializers.RandomNormal(stddev=1.0),
    }


def _leaky_relu(x, **kwargs):
    return keras.layers.LeakyReLU(0.2, **kwargs)(x)


def _widths(width, widest, count):
    """Channels at each resolution, from the full one down."""
    check_channels(width=width, widest=widest)
    return [min(width << i, widest) for i in range(count + 1)]


def discriminator(image_size=64, channels=3, width=32, widest=128, classes=0):
    """Returns the discriminator: images to logits, positive for real.

    Each halving of the resolution is a residual block: a convolution, the mean
    over 2×2 pixels and another convolution, beside the mean and a 1×1
    convolution. No stride sends a checkerboard back in the gradient. The last
    convolution also sees how much the batch varies.

    Args:
        image_size: Pixels a side: 32, 64, 128 or another `4 * 2**n`.
        channels: Channels of the image.
        width: Channels at the full resolution; twice as many at each lower one.
        widest: Most channels at any resolution.
        classes: Number of classes; if not 0, the discriminator also takes
            labels, one-hot, and projects its features on them.

    Returns:
        A `keras.Model` from `(batch, image_size, image_size, channels)` to
        `(batch, 1)`, float32.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    sizes = _widths(width, widest, stages(image_size))
    check_channels(channels=channels)
    images = keras.Input((image_size, image_size, channels), name="images")
    x = _leaky_relu(_convolution(images, sizes[0], 1))
    for before, after in zip(sizes, sizes[1:]):
        x = _residual(x, before, after)
    x = MinibatchDeviation()(x)
    x = _leaky_relu(_convolution(x, sizes[-1]))
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(sizes[-1], kernel_initializer="he_normal")(x)
    features = _leaky_relu(x)
    logits = keras.layers.Dense(1, dtype="float32", name="logits")(features)
    labels = label_inputs(classes)
    if classes:
        logits = projected(logits, features, labels)
    return keras.Model(joined(images, labels), logits, name="discriminator")


def _residual(x, before, after):
    skip = _convolution(
        keras.layers.AveragePooling2D(2)(x),
        after,
        1,
        use_bias=False,
        kernel_initializer="lecun_normal",
    )
    x = _leaky_relu(_convolution(x, before))
    x = keras.layers.AveragePooling2D(2)(x)
    x = _leaky_relu(_convolution(x, after))
    return keras.layers.Rescaling(math.sqrt(0.5))(keras.layers.Add()([x, skip]))


def _convolution(
    x, filters, kernel_size=3, kernel_initializer="he_normal", **kwargs
):
    return keras.layers.Conv2D(
        filters,
        kernel_size,
        padding="same",
        kernel_initializer=kernel_initializer,
        **kwargs,
    )(x)
