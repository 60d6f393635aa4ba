"""Super-resolution on any upsampler, after ESPCN.

Shi et al. 2016, arXiv 1609.05158: everything is computed at low resolution, and
one layer at the end enlarges. Here with residual blocks without normalisation
(Lim et al. 2017, arXiv 1707.02921), and learning what bicubic enlarging lacks.
"""

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import (
    MOST_SCALE,
    boolean,
    check_channels,
    integer,
    one_of,
    scale_factor,
)
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.resample import BlurUpsample2D
from tfupsample.layers.upsampler import UPSAMPLERS, network_upsampler
from tfupsample.ops.phase_form import resize_weights

from . import replicas
from .loss_scaling import loss_scaled

_MOST_BLOCKS = 1000
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the luma of ITU-R BT.601; they sum to 1."""


def luma(images):
    """Returns the luma of RGB images.

    Args:
        images: `(..., 3)`, any unit.

    Returns:
        `(..., 1)`, the unit of `images`.
    """
    weights = np.array(LUMA, "float32")
    return ops.sum(ops.multiply(images, weights), axis=-1, keepdims=True)


def super_resolution(
    scale=2,
    width=64,
    blocks=3,
    upsample="subpixel",
    kernel_size=3,
    pad_mode="symmetric",
    icnr=True,
):
    """Returns a network that makes pictures of any size `scale` times larger.

    The luma goes through a 3×3 convolution with ReLU and `blocks` residual
    blocks of two of them, and is enlarged to one channel, which is added to
    each channel of the bicubic enlargement. Adding the same to red, green and
    blue changes the luma by just that and leaves the colour differences, where
    the eye sees little, as bicubic enlarging makes them.

    Args:
        scale: Factor, an integer of at least 2.
        width: Channels of the convolutions.
        blocks: Number of residual blocks, 0 or more.
        upsample: Key of `UPSAMPLERS`.
        kernel_size: Size of the kernel of the upsampling. On the `scale` times
            finer grid a resize-convolution of `2 * scale + 1` sees what a
            sub-pixel convolution of 3 sees.
        pad_mode: What all layers see beyond the border.
        icnr: Whether a sub-pixel convolution starts with `ICNR`.

    Returns:
        A `keras.Model` from `(batch, height, width, 3)` in [-1, 1] to
        `(batch, scale * height, scale * width, 3)`, float32, not clipped.

    Raises:
        ValueError: for an argument outside what is listed here, or `icnr=False`
            with another upsampling than `"subpixel"`.
    """
    integer("scale", scale, 2, MOST_SCALE)
    check_channels(width=width)
    integer("blocks", blocks, 0, _MOST_BLOCKS)
    images = keras.Input((None, None, 3), name="images", dtype="float32")
    # In 16 bits the grey levels of the input would be as coarse as a picture's.
    x = PaddedConv2D(
        width, 3, pad_mode=pad_mode, activation="relu", dtype="float32"
    )(luma(images))
    for _ in range(blocks):
        y = PaddedConv2D(width, 3, pad_mode=pad_mode, activation="relu")(x)
        y = PaddedConv2D(width, 3, pad_mode=pad_mode)(y)
        x = keras.layers.Add()([x, y])
    detail = _enlarging(upsample, kernel_size, scale, pad_mode, icnr)(x)
    bicubic = bicubic_upsample(scale, pad_mode)(images)
    enlarged = keras.layers.Add(dtype="float32", name="enlarged")(
        [bicubic, detail]
    )
    return keras.Model(images, enlarged, name="super_resolution")


def _enlarging(upsample, kernel_size, scale, pad_mode, icnr):
    """The layer to the one channel of the detail."""
    one_of("upsample", upsample, UPSAMPLERS)
    options = {"dtype": "float32"}
    if upsample == "subpixel":
        options["icnr"] = icnr
    elif not boolean("icnr", icnr):
        raise ValueError(
            "`icnr` must be True where `upsample` is not 'subpixel'. "
            f"Received: icnr={icnr}, upsample={upsample!r}"
        )
    return network_upsampler(
        upsample, 1, kernel_size, scale, pad_mode, **options
    )


def bicubic_upsample(scale, pad_mode="symmetric"):
    """Returns a layer without weights that enlarges each channel bicubically.

    Keys' cubic with a = -0.5; with `"symmetric"` it is MATLAB's `imresize`.

    Args:
        scale: Integer factor.
        pad_mode: What the cubic sees beyond the border.
    """
    scale = scale_factor("scale", scale)
    _, weights = resize_weights(scale, "bicubic")
    # From "what a phase takes from its neighbours" to "what a pixel gives".
    taps = weights[:, ::-1].T.ravel().tolist()
    return BlurUpsample2D(scale, taps, pad_mode, dtype="float32")


class SuperResolution(keras.Model):
    """Trains a network on pairs of low and high resolution with `fit`.

    The loss is Charbonnier's, `sqrt(difference**2 + 0.001**2)`, on the luma: a
    smooth form of the absolute difference, which gives a better PSNR than the
    squared one (Lim et al.).

    Args:
        network: A `super_resolution`, or any model with its shapes and units.
    """

    def __init__(self, network):
        super().__init__(name="super_resolution_training", dtype="float32")
        self.network = network
        self.psnr = keras.metrics.Mean("psnr")

    def compile(self, optimizer="rmsprop", **kwargs):
        """Compiles as every `keras.Model`; scales the loss for float16."""
        super().compile(loss_scaled(optimizer, self.network), **kwargs)

    def call(self, low, training=False):
        """Returns the enlarged images."""
        return self.network(low, training=training)

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        squares = ops.square(luma(y_pred) - luma(y))
        # Of the luma in dB, as the batch has it.
        self.psnr.update_state(10 * ops.log10(4 / (ops.mean(squares) + 1e-8)))
        return replicas.share(self, ops.mean(ops.sqrt(squares + 1e-6)))
