"""Deep image prior (Ulyanov et al. 2018, arXiv 1711.10925)."""

import functools

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import (
    check_channels,
    integer,
    one_of,
    per_axis,
    positive_integer,
)
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.upsampler import network_upsampler, upsampler_names

ARCHITECTURES = ("hourglass", "single", "double")
INPUT_CHANNELS = 32


def network(
    architecture="hourglass",
    size=256,
    channels=3,
    depth=5,
    width=128,
    upsample="nearest",
    kernel_size=3,
    pad_mode="reflect",
):
    """Returns a network from noise to one picture.

    `"hourglass"` is the network of the paper, with `width` channels at every
    level and 4 in each skip. `"double"` and `"single"` are encoder-decoders
    without skips, with two and one convolutions at each level, and channels
    that double from `width` at every level down.

    Normalisation is by the statistics of each picture, which for a batch of one
    is batch normalisation as in training; so the network has no other state and
    computes the same in training and inference.

    Args:
        architecture: One of `ARCHITECTURES`.
        size: Pixels: one integer, or height and width; multiples of
            `2**depth`.
        channels: Channels of the picture.
        depth: Number of times that the resolution is halved.
        width: Channels of the first level.
        upsample: Key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What all convolutions see beyond the border.

    Returns:
        A `keras.Model` from `(batch, height, width, 32)` to
        `(batch, height, width, channels)`, float32 in [0, 1].

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    check_channels(channels=channels, width=width)
    depth = integer("depth", depth, 1, 12)
    size = per_axis("size", size, 2, positive_integer)
    if any(side % 2**depth for side in size):
        raise ValueError(
            f"`size` must be a multiple of 2**depth = {2**depth}. "
            f"Received: {size!r}"
        )
    names = upsampler_names(upsample, depth)
    up = functools.partial(
        network_upsampler, kernel_size=kernel_size, pad_mode=pad_mode
    )
    convolve = functools.partial(PaddedConv2D, pad_mode=pad_mode)
    noise = keras.Input((*size, INPUT_CHANNELS), name="noise")
    if one_of("architecture", architecture, ARCHITECTURES) == "hourglass":
        x = _hourglass(noise, names, width, up, convolve)
        x = convolve(channels, 1, dtype="float32")(x)
    else:
        count = ("single", "double").index(architecture) + 1
        x = _encoder_decoder(noise, names, width, channels, count, up, convolve)
    picture = keras.layers.Activation("sigmoid", dtype="float32")(x)
    return keras.Model(noise, picture, name=architecture)


def _hourglass(x, names, width, up, convolve):
    skips = []
    for _ in names:
        skips.append(_active(convolve(4, 1)(x)))
        x = _active(convolve(width, 3, strides=2)(x))
        x = _active(convolve(width, 3)(x))
    for name in names:
        # The paper convolves the upsampled features and the skip as one; a sum
        # of two convolutions is the same and lets the first one upsample.
        x = up(name, width)(_normed(x))
        x = keras.layers.Add()([x, convolve(width, 3)(_normed(skips.pop()))])
        x = _active(convolve(width, 1)(_active(x)))
    return x


def _encoder_decoder(x, names, width, channels, count, up, convolve):
    filters = [channels, *(width << level for level in range(len(names)))]
    for level in filters[1:]:
        for _ in range(count - 1):
            x = convolve(level, 3)(x)
        x = _active(convolve(level, 3, strides=2)(x), slope=0.01)
    for stage, name in enumerate(names, 1):
        level = filters[-1 - stage]
        makes_picture = stage == len(names)
        # 16-bit pictures would be coarser than 8 bits near white.
        dtype = "float32" if makes_picture else None
        x = _active(x, slope=0.01) if stage > 1 else x
        x = up(name, level, dtype=dtype)(x)
        for _ in range(count - 1):
            x = convolve(level, 3, dtype=dtype)(x)
    return x


def _normed(x):
    return keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)(x)


def _active(x, slope=0.2):
    return keras.layers.LeakyReLU(slope)(_normed(x))


def noise_input(size, seed=0):
    """Returns the input of the network: `(1, height, width, 32)`, float32.

    Uniform from 0 to 0.1, as in the paper.

    Args:
        size: Height and width, in pixels.
        seed: Seed of the noise.
    """
    rng = np.random.default_rng(seed)
    noise = rng.uniform(0, 0.1, (1, *size, INPUT_CHANNELS))
    return noise.astype("float32")


class DeepImagePrior(keras.Model):
    """Fits a network to one damaged picture with `fit`, and averages.

        prior.compile(keras.optimizers.Adam(0.01))
        prior.fit(noise, picture, sample_weight=mask, epochs=1000)
        restored = prior.average

    The network takes up what is regular in the picture before its noise, so its
    output passes near the clean picture on the way to the damaged one: when to
    stop is part of the method. The three arrays have a batch of one; the mask
    `(1, height, width, 1)` is 1 where the picture is known and 0 elsewhere, and
    without it all is known. The same code trains on every backend.

    Args:
        network: From `network`, or another model from noise to a picture in
            [0, 1] of known size.
        loss: Key of `LOSSES`.
        jitter: Standard deviation of the noise added to the input in each step.
        momentum: Momentum of the average of the outputs; smaller at first,
            so that the first outputs are forgotten.
        clean: The picture without damage, `(1, height, width, channels)`, if it
            is known: only to measure by, never in the loss.
        seed: Seed of the jitter.

    Attributes:
        average: The averaged output, shaped like the picture.
        best: The average where it was nearest to `clean`; without, the latest.
        best_step: The step at which that was.

    Raises:
        ValueError: for an unknown loss.
    """

    def __init__(
        self,
        network,
        loss="l2",
        jitter=1 / 30,
        momentum=0.99,
        clean=None,
        seed=0,
    ):
        super().__init__(name="deep_image_prior")
        self.network = network
        self.difference = LOSSES[one_of("loss", loss, LOSSES)]
        self.jitter = jitter
        self.momentum = momentum
        self.clean = clean
        self.seed_generator = keras.random.SeedGenerator(seed)
        shape = (1, *network.output_shape[1:])
        self.average = self._state("average", shape)
        self.best = self._state("best", shape)
        self.best_psnr = self._state("best_psnr", (), _WORST)
        self.best_step = self._state("best_step")
        self.steps = self._state("steps")
        self.mean_loss = keras.metrics.Mean("loss")
        self.psnr_damaged = Latest(name="psnr_damaged")
        if clean is not None:
            self.psnr_output = Latest(name="psnr_output")
            self.psnr_average = Latest(name="psnr_average")

    def _state(self, name, shape=(), value=0.0):
        return self.add_weight(
            name=name,
            shape=shape,
            dtype="float32",
            initializer=keras.initializers.Constant(value),
            trainable=False,
        )

    def call(self, noise, training=False):
        if training and self.jitter:
            noise += self.jitter * keras.random.normal(
                ops.shape(noise), dtype=noise.dtype, seed=self.seed_generator
            )
        return self.network(noise, training=training)

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        mask = ops.ones_like(y[..., :1])
        if sample_weight is not None:
            mask = ops.cast(sample_weight, mask.dtype)
        if training:
            self._average(ops.stop_gradient(y_pred))
        self.psnr_damaged.update_state(psnr(y, y_pred, mask))
        if self.clean is not None:
            self.psnr_output.update_state(psnr(self.clean, y_pred))
            self.psnr_average.update_state(psnr(self.clean, self.average))
        loss = self.difference(y, y_pred, mask)
        self.mean_loss.update_state(loss)
        return loss

    def _average(self, output):
        self.steps.assign_add(1.0)
        momentum = ops.minimum(
            self.momentum, (self.steps - 1.0) / (self.steps + 9.0)
        )
        self.average.assign(output + momentum * (self.average - output))
        reached = _WORST
        if self.clean is not None:
            reached = psnr(self.clean, self.average)
        better = reached >= self.best_psnr
        for kept, value in (
            (self.best, self.average.value),
            (self.best_psnr, reached),
            (self.best_step, self.steps.value),
        ):
            kept.assign(ops.where(better, value, kept.value))


_WORST = -1000.0  # dB, below every PSNR


class Latest(keras.metrics.Metric):
    """The value of the last step, which a mean over an epoch would lag."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.latest = self.add_variable((), "zeros", name="latest")

    def update_state(self, value):
        self.latest.assign(value)

    def result(self):
        return self.latest.value


def psnr(picture, other, mask=1.0):
    """Returns the peak signal-to-noise ratio in dB; the peak is 1.

    Args:
        picture: `(1, height, width, channels)`.
        other: A picture of the same shape.
        mask: `(1, height, width, 1)`: 1 for the pixels to count, 0 elsewhere.
    """
    picture, other = map(ops.convert_to_tensor, (picture, other))
    return -10 * ops.log10(ops.maximum(_l2(picture, other, mask), 1e-12))


def _l1(picture, output, mask):
    return _masked_mean(ops.abs(picture - output), mask)


def _l2(picture, output, mask):
    return _masked_mean(ops.square(picture - output), mask)


def _kl(picture, output, mask):
    """Kullback-Leibler divergence of channels as distributions over pixels.

    It leaves the brightness of each channel free.
    """
    p, q = _distribution(picture, mask), _distribution(output, mask)
    return ops.mean(ops.sum(p * ops.log(p / q), axis=(0, 1, 2)))


def _masked_mean(values, mask):
    mask = mask * ops.ones_like(values)
    return ops.sum(values * mask) / ops.sum(mask)


def _distribution(picture, mask):
    weights = mask * ops.maximum(picture, 1e-6) + 1e-12
    return weights / ops.sum(weights, axis=(0, 1, 2), keepdims=True)


LOSSES = {"l1": _l1, "l2": _l2, "kl": _kl}
"""Name to a function of picture, output and mask, minimal where they agree."""
