"""Segmentation: a class for every pixel, by a U-Net on any upsampler.

Ronneberger et al. 2015, arXiv 1505.04597; in volumes, Çiçek et al. 2016, arXiv
1606.06650. Here with padded convolutions, so that the result is as large as the
input, and with strided ones instead of maximum pooling.
"""

import functools
import math

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import (
    MOST_SIDE,
    check_channels,
    finite,
    finite_array,
    integer,
    one_of,
    per_axis,
)
from tfupsample.images.tiling import apply_tiled
from tfupsample.layers.padded_conv import PaddedConv2D, PaddedConv3D
from tfupsample.layers.resize_conv import ResizeConv3D
from tfupsample.layers.subpixel_conv import SubpixelConv3D
from tfupsample.layers.upsampler import network_upsampler, upsampler_names

NORMS = ("batch", "group", "none")
VOID = 255
"""The class of pixels that belong to none and count nowhere."""
_GROUPS = 8
# A multiple of the stride, so that no gradient is a checkerboard either.
_DOWN_KERNEL = 4
_UP_REACH = 4  # pixels that a resampling by 2 sees beside its kernel, at most


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
            width << level, _DOWN_KERNEL, 2, name=f"encoder_{level}_down"
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


@keras.saving.register_keras_serializable(package="tfupsample.models")
class CropLike(keras.layers.Layer):
    """Cuts off what an array has more than another, at the end of each axis.

    Call arguments:
        inputs: `(batch, *sizes, channels)` and the array whose sizes to take,
            which are not larger and may be unknown.

    Output shape:
        The sizes of the second array with the channels of the first.
    """

    def call(self, inputs):
        x, like = inputs
        if x.shape[1:-1] == like.shape[1:-1] and None not in x.shape[1:-1]:
            return x
        sizes = ops.shape(like)[1:-1]
        return x[(slice(None), *(slice(n) for n in sizes))]

    def compute_output_shape(self, input_shape):
        (batch, *_, channels), like = input_shape
        return (batch, *like[1:-1], channels)


@keras.saving.register_keras_serializable(package="tfupsample.models")
class SegmentationLoss(keras.losses.Loss):
    """Cross-entropy, and how little the areas of the classes overlap.

    For each image, the mean over the known pixels of the negative logarithm of
    the probability of the right class, plus `dice_weight` times the mean over
    the classes of `1 - (2 overlap + 1) / (predicted + true + 1)`, Dice's
    coefficient of the probabilities with the mask in pixels (Milletari et al.
    2016, arXiv 1606.04797). The ones make a class that is rightly absent count
    as right. Cross-entropy alone cares little for classes of few pixels.

    Args:
        dice_weight: Factor of the second part.
        **kwargs: `name`, `reduction`, `dtype`.

    Call arguments:
        y_true: Classes `(batch, *sizes)`; `VOID` counts nowhere.
        y_pred: Logits `(batch, *sizes, classes)`.

    Raises:
        ValueError: if `dice_weight` is no finite number from 0.
    """

    def __init__(self, dice_weight=1.0, name="segmentation_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        self.dice_weight = finite("dice_weight", dice_weight, 0)

    def call(self, y_true, y_pred):
        classes = y_pred.shape[-1]
        y_true = ops.cast(y_true, "int32")
        known = ops.cast(ops.not_equal(y_true, VOID), y_pred.dtype)[..., None]
        pixels = tuple(range(1, len(y_pred.shape) - 1))
        # A void pixel has no 1 among the classes.
        target = ops.one_hot(y_true, classes, dtype=y_pred.dtype)
        logs = ops.log_softmax(y_pred, axis=-1)
        count = ops.maximum(ops.sum(known, axis=(*pixels, -1)), 1.0)
        entropy = -ops.sum(target * logs, axis=(*pixels, -1)) / count
        if not self.dice_weight:
            return entropy
        likely = ops.exp(logs) * known
        overlap = ops.sum(likely * target, axis=pixels)
        areas = ops.sum(likely + target, axis=pixels)
        dice = ops.mean((2 * overlap + 1) / (areas + 1), axis=-1)
        return entropy + self.dice_weight * (1 - dice)

    def get_config(self):
        return super().get_config() | {"dice_weight": self.dice_weight}


def mean_iou(classes):
    """Returns the metric of masks and logits that is common in segmentation.

    It is the mean over the classes of how much the predicted area and the true
    one overlap, as a share of their union.
    """
    return keras.metrics.MeanIoU(
        classes, name="mean_iou", ignore_class=VOID, sparse_y_pred=False
    )


def reach(model):
    """Returns how far an output pixel sees, in pixels, or a little more.

    Args:
        model: A `unet` without group normalisation.
    """
    depth = sum(isinstance(layer, CropLike) for layer in model.layers)
    kernel = max(np.max(getattr(x, "kernel_size", 1)) for x in model.layers)
    # On each size two convolutions in the encoder and two in the decoder, the
    # upsampling, and the way down, which on the lowest size is all.
    each = 4 + 2 * (kernel // 2) + _UP_REACH + _DOWN_KERNEL // 2
    return int(each * (2**depth - 1) + 2 * 2**depth)


def predict_tiled(model, image, tile=512, context=None, progress=None):
    """Returns the logits of a large image, computed in overlapping tiles.

    They are those of the whole image, up to rounding, but for group
    normalisation, whose statistics are those of each tile.

    Args:
        model: A `unet` for images of any size.
        image: `(height, width, channels)` in [-1, 1], of any size.
        tile: Pixels a side of the tiles; more than twice the context.
        context: How many pixels next to a cut are discarded; by default as many
            as the model reaches.
        progress: Called as `progress(done, total)` after each tile.

    Returns:
        float32 `(height, width, classes)`.

    Raises:
        ValueError: if the model takes volumes, or the tile is too small.
    """
    if len(model.inputs[0].shape) != 4:
        raise ValueError(
            "`model` must take images. Received: input shape "
            f"{model.inputs[0].shape}"
        )
    image = finite_array("image", image, ("height", "width", "channels"))
    depth = sum(isinstance(layer, CropLike) for layer in model.layers)
    return apply_tiled(
        model.predict_on_batch,
        image.astype("float32"),
        tile,
        reach(model) if context is None else context,
        multiple=1 << depth,
        progress=progress,
    )
