"""Small models drawn at random, and what flat images become in them.

The second is measured without the inspector: the layers of the model are put on
large flat pictures, of which only the middle counts.
"""

import math

import keras
import numpy as np
from keras import layers, ops

from tfupsample import (
    AliasFreeConv2D,
    ContentAwareConv2D,
    FilteredActivation,
    FilteredConvTranspose2D,
    Pad2D,
    PaddedConv2D,
    ResizeConv2D,
    SubpixelConv2D,
)
from tfupsample.ops.phase_gain import balanced

_BORDERS = ("symmetric", "reflect", "edge", "circular", "constant")


def _wide(rng):
    seed = int(rng.integers(2**31))
    return keras.initializers.RandomNormal(stddev=0.4, seed=seed)


class _Shuffle(layers.Layer):
    """Depth-to-space whose phases are the fast part of the channels."""

    def call(self, x):
        _, height, width, channels = x.shape
        x = ops.reshape(x, (-1, height, width, channels // 4, 2, 2))
        x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
        return ops.reshape(x, (-1, 2 * height, 2 * width, channels // 4))


def draw_model(seed):
    """Returns `(model, stack, channels)`: a model and its layers.

    Some models are channels first; `stack` is channels last all the same.
    """
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    side, channels = int(rng.choice([12, 15, 20])), int(rng.choice([1, 3]))
    stack = _down(rng) if rng.random() < 0.3 else []
    for _ in range(rng.integers(1, 3)):
        stack += _up(rng) + _between(rng)
    stack += _behind(rng)
    x = images = keras.Input((side, side, channels))
    for layer in stack:
        x = layer(x)
    for layer in stack:
        _disturb(layer, rng)
    if rng.random() < 0.7 and all(map(_turns, stack)):
        images, x = _channels_first(stack, (channels, side, side))
    return keras.Model(images, x, name=f"drawn_{seed}"), stack, channels


def _turns(layer):
    """Whether a layer of Keras has a twin that is channels first."""
    own = type(layer).__module__.startswith("keras.")
    return own and not isinstance(layer, layers.Activation)


def _channels_first(stack, shape):
    x = images = keras.Input(shape)
    for layer in stack:
        config = layer.get_config()
        if "data_format" in config:
            config["data_format"] = "channels_first"
        if isinstance(layer, layers.BatchNormalization):
            config["axis"] = 1
        twin = type(layer).from_config(config)
        x = twin(x)
        twin.set_weights(layer.get_weights())
    return images, x


def share_of_pattern(stack, channels, side=72, colours=64):
    """Returns what share of the middle of flat pictures is pattern."""
    rng = np.random.default_rng(12345)
    x = rng.uniform(-1, 1, (colours, 1, 1, channels)).astype("float32")
    x = np.broadcast_to(x, (colours, side, side, channels))
    for layer in stack:
        x = layer(x, training=False) if _trains(layer) else layer(x)
    x = np.asarray(x, "float64")
    period = math.lcm(*(f for f in (4, 6, 9)))  # of two factors of 2 and 3
    start = x.shape[1] // 2 - period // 2
    cell = x[:, start : start + period, start : start + period]
    pattern = cell.var(axis=(1, 2)).mean()
    spread = cell.mean(axis=(1, 2)).var(axis=0).mean()
    return float(np.sqrt(pattern / max(pattern + spread, 1e-12)))


def _trains(layer):
    return isinstance(layer, layers.BatchNormalization)


def _up(rng):
    stride = int(rng.integers(2, 4))
    size = int(rng.integers(stride, 6))
    filters = int(rng.integers(2, 5))
    border = str(rng.choice(_BORDERS[:4]))
    transposed = layers.Conv2DTranspose(
        filters,
        size,
        stride,
        str(rng.choice(["same", "valid"])),
        kernel_initializer=_wide(rng),
    )
    return [
        [transposed],
        [transposed],
        [transposed],
        [
            layers.UpSampling2D(
                stride, interpolation=str(rng.choice(["nearest", "bilinear"]))
            ),
            layers.Conv2D(
                filters, 3, padding="same", kernel_initializer=_wide(rng)
            ),
        ],
        [SubpixelConv2D(filters, 3, stride, pad_mode=border)],
        [
            layers.Conv2D(
                4 * filters, 3, padding="same", kernel_initializer=_wide(rng)
            ),
            _Shuffle(),
        ],
        [ResizeConv2D(filters, 3, stride, pad_mode=str(rng.choice(_BORDERS)))],
        [FilteredConvTranspose2D(filters, 3, stride)],
        [ContentAwareConv2D(filters, 3, stride, pad_mode=border)],
        [
            ContentAwareConv2D(
                filters, 3, stride, "dysample", str(rng.choice(_BORDERS))
            )
        ],
        [AliasFreeConv2D(filters, 3, stride, pad_mode=border)],
    ][rng.integers(11)]


def _between(rng):
    return [
        [],
        [layers.ReLU()],
        [layers.LeakyReLU(), layers.BatchNormalization()],
        [layers.Conv2D(3, 3, padding="same", activation="tanh")],
        [PaddedConv2D(3, 3, pad_mode=str(rng.choice(_BORDERS)))],
        [layers.Conv2D(3, 3, padding="same", dilation_rate=2)],
        [layers.Cropping2D(1)],
        [FilteredActivation("relu")],
    ][rng.integers(8)]


def _down(rng):
    return [
        [layers.Conv2D(4, 3, 2, "same")],
        [layers.AveragePooling2D(2), layers.Conv2D(4, 3)],
        [layers.MaxPooling2D(2)],
        [layers.ZeroPadding2D(2), layers.Conv2D(4, 5)],
    ][rng.integers(4)]


def _behind(rng):
    size = int(rng.integers(2, 7))
    mean = keras.initializers.Constant(1 / size**2)
    fixed = layers.DepthwiseConv2D(
        size,
        padding="same",
        use_bias=False,
        depthwise_initializer=mean,
    )
    return [
        [],
        [],
        [fixed],
        [fixed],
        [layers.Cropping2D(((1, 2), (0, 3)))],
        [Pad2D(2, str(rng.choice(_BORDERS)))],
    ][rng.integers(6)]


def _disturb(layer, rng):
    """Balances some of the layers that upsample, and some not quite."""
    if isinstance(layer, layers.BatchNormalization):
        layer.gamma.assign(rng.uniform(0.5, 1.5, layer.gamma.shape))
        layer.moving_mean.assign(rng.normal(size=layer.gamma.shape) / 4)
    if isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose)):
        layer.bias.assign(rng.normal(size=layer.bias.shape) / 4)
    if isinstance(layer, SubpixelConv2D) and rng.random() < 0.5:
        noise = rng.normal(size=layer.kernel.shape)
        layer.kernel.assign_add(rng.choice([0.003, 0.3]) * noise)
    if isinstance(layer, layers.Conv2DTranspose):
        kernel = ops.convert_to_numpy(layer.kernel)
        even = ops.convert_to_numpy(balanced(kernel, layer.strides))
        amount = rng.choice([0, 0, 0.01, 0.3, 1, 1])
        layer.kernel.assign(even + amount * (kernel - even))
