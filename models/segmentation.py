"""Segmentation: a class for every pixel, by a U-Net on any upsampler.

Ronneberger et al. 2015, arXiv 1505.04597; in volumes, Çiçek et al. 2016, arXiv
1606.06650. Here with padded convolutions, so that the result is as large as the
input, and with strided ones instead of maximum pooling.
"""

import functools
import math

import keras

from tfupsample.arguments import (
    MOST_SIDE,
    check_channels,
    integer,
    one_of,
    per_axis,
)
from tfupsample.images.masks import VOID
from tfupsample.layers.padded_conv import PaddedConv2D, PaddedConv3D
from tfupsample.layers.resize_conv import ResizeConv3D
from tfupsample.layers.subpixel_conv import SubpixelConv3D
from tfupsample.layers.upsampler import network_upsampler, upsampler_names

from .crop_like import CropLike

NORMS = ("batch", "group", "none")
_GROUPS = 8
# A multiple of the stride, so that no gradient is a checkerboard either.
DOWN_KERNEL = 4


def unet(
    image_size=None,
    channels=3,
    classes=2,
    width=16,
    depth=3,
    upsample="nearest",
    kernel_size=3,
    pad_mode="symmetric",
    norm="batch",
    rank=2,
):
    """Returns a U-Net: images or volumes of any size to logits.

    The encoder halves the sides `depth` times by strided 4×4 convolutions and
    doubles the channels. The decoder doubles the sides again, and joins what it
    has with what the encoder had at that size. At every size two 3×3
    convolutions with normalisation and ReLU follow.

    Where a side is odd, its half is rounded up; the upsampling then makes a row
    too many, which is cut off at the lower or right border. So sides need be no
    multiple of `2**depth`, and may be unknown until the model is called.

    Args:
        image_size: Pixels a side, or one number for each axis; `None` for any.
        channels: Channels of the images.
        classes: Number of classes, at least 2.
        width: Channels at full resolution.
        depth: How often the sides are halved.
        upsample: Key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas. In
            volumes one of `UPSAMPLERS_3D`.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What the convolutions see beyond the border.
        norm: `"batch"`, `"group"` (8 groups, for small batches; whose
            statistics are those of the whole image) or `"none"`.
        rank: 2 for images, 3 for volumes.

    Returns:
        A `keras.Model` from `(batch, *sizes, channels)` in [-1, 1] to
        `(batch, *sizes, classes)`, float32.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    check_channels(channels=channels, width=width)
    integer("classes", classes, 2, VOID)
    integer("depth", depth, 1, 12)
    one_of("norm", norm, NORMS)
    sizes = (None,) * integer("rank", rank, 2, 3)
    if image_size is not None:
        sizes = per_axis("image_size", image_size, rank, _side)
    names = upsampler_names(upsample, depth)
    convolve = functools.partial(
        (PaddedConv2D, PaddedConv3D)[rank - 2],
        pad_mode=pad_mode,
        kernel_initializer="he_normal",
        use_bias=norm == "none",
    )
    stage = functools.partial(_stage, convolve, norm)
    images = keras.Input((*sizes, channels), name="images")
    x, skips = stage(images, width, "encoder_0"), []
    for level in range(1, depth + 1):
        skips.append(x)
        down = convolve(
            width << level, DOWN_KERNEL, 2, name=f"encoder_{level}_down"
        )
        x = _active(norm, down(x))
        x = stage(x, width << level, f"encoder_{level}")
    for level, name in zip(reversed(range(depth)), names):
        up = _upsampler(
            name,
            rank,
            filters=width << level,
            kernel_size=kernel_size,
            pad_mode=pad_mode,
        )
        skip = skips.pop()
        x = CropLike()([_active(norm, up(x)), skip])
        x = keras.layers.Concatenate()([skip, x])
        x = stage(x, width << level, f"decoder_{level}")
    # In 16 bits the logits of a pixel would be coarse.
    logits = (PaddedConv2D, PaddedConv3D)[rank - 2](
        classes, 1, name="logits", dtype="float32"
    )(x)
    return keras.Model(images, logits, name="unet")


def _side(name, value):
    return None if value is None else integer(name, value, 1, MOST_SIDE)


def _stage(convolve, norm, x, filters, name):
    for i in (1, 2):
        x = _active(norm, convolve(filters, 3, name=f"{name}_{i}")(x))
    return x


def _active(norm, x):
    if norm == "batch":
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
    elif norm == "group":
        groups = math.gcd(_GROUPS, x.shape[-1])
        x = keras.layers.GroupNormalization(groups)(x)
    return keras.layers.ReLU()(x)


def _deconv_3d(filters, kernel_size, pad_mode, **kwargs):
    """Sees zeros beyond the border, whatever the other layers see."""
    return keras.layers.Conv3DTranspose(
        filters, kernel_size, 2, padding="same", **kwargs
    )


UPSAMPLERS_3D = {
    "nearest": functools.partial(ResizeConv3D, interpolation="nearest"),
    "bilinear": functools.partial(ResizeConv3D, interpolation="bilinear"),
    "bicubic": functools.partial(ResizeConv3D, interpolation="bicubic"),
    "subpixel": SubpixelConv3D,
    "deconv": _deconv_3d,
}
"""Name to the layer that doubles the sides of volumes; `"bilinear"` is linear
along each of the three axes."""


def _upsampler(upsample, rank, **arguments):
    if rank == 2:
        return network_upsampler(upsample, **arguments)
    one_of("upsample", upsample, UPSAMPLERS_3D)
    return UPSAMPLERS_3D[upsample](**arguments)
