"""Every public layer, with arguments at other values than their defaults."""

import functools

import keras
import numpy as np

import tfupsample
from tfupsample.layers.upsampling_base import UpsamplingBase

COMMON = {
    "activation": "relu",
    "use_bias": True,
    "bias_initializer": "ones",
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "activity_regularizer": "L1L2",
    "kernel_constraint": "max_norm",
    "bias_constraint": "non_neg",
}
SIZES = (5, 4, 6)
FIRST = {"data_format": "channels_first"}


def case(name, *args, **kwargs):
    return functools.partial(getattr(tfupsample, name), *args, **kwargs)


def conv(name, *args, **kwargs):
    return case(name, *args, **(COMMON | kwargs))


# After the kernel size: scale, interpolation, pad mode, implementation.
RESIZE = {
    "resize_nearest": conv(
        "ResizeConv2D",
        4,
        (5, 2),
        (3, 2),
        pad_mode=("edge", "circular"),
        kernel_initializer="he_normal",
    ),
    "resize_nearest_reflect": conv(
        "ResizeConv2D", 4, 5, 2, "nearest", "reflect"
    ),
    "resize_bilinear": conv(
        "ResizeConv2D", 4, 4, 3, "bilinear", "reflect", "plain", **FIRST
    ),
    "resize_bilinear_phase": conv(
        "ResizeConv2D", 4, (3, 2), (3, 2), "bilinear", "edge", "phase"
    ),
    "resize_bicubic": conv("ResizeConv2D", 4, 3, (3, 2), "bicubic", "edge"),
    "resize_1d": conv("ResizeConv1D", 4, 5, 4, "bilinear", "edge"),
    "resize_1d_channels_first": conv(
        "ResizeConv1D", 4, 4, 3, "nearest", "constant", **FIRST
    ),
    "resize_3d": conv("ResizeConv3D", 4, 3, (1, 2, 3), "nearest", "edge"),
    "resize_3d_bilinear": conv(
        "ResizeConv3D", 4, (1, 2, 3), (1, 2, 1), "bilinear", "circular", **FIRST
    ),
}
# After the kernel size: scale, pad mode, ICNR.
SUBPIXEL = {
    "subpixel": conv("SubpixelConv2D", 4, (2, 5), (3, 2), "reflect"),
    "subpixel_channels_first": conv("SubpixelConv2D", 4, 3, **FIRST),
    "subpixel_1d": conv("SubpixelConv1D", 4, 4, 3, "edge", False),
    "subpixel_3d": conv("SubpixelConv3D", 4, 2, (2, 1, 3), "circular"),
    "filtered": conv("FilteredConvTranspose2D", 4, (2, 5), (3, 2), "reflect"),
    "filtered_channels_first": conv("FilteredConvTranspose2D", 4, **FIRST),
    "alias_free": conv(
        "AliasFreeConv2D", 4, (2, 5), (3, 2), 0.4, 0.3, 50, "reflect"
    ),
    "alias_free_channels_first": conv("AliasFreeConv2D", 4, **FIRST),
    "content_aware": conv(
        "ContentAwareConv2D", 4, (2, 5), (3, 2), "dysample", "reflect"
    ),
    "content_aware_channels_first": conv("ContentAwareConv2D", 4, **FIRST),
}
# After the kernel size: strides, pad mode, dilation rate, groups.
PADDED = {
    "padded_1d": conv("PaddedConv1D", 4, 4, 1, "reflect", 2),
    "padded_2d": conv(
        "PaddedConv2D", 4, (5, 2), (3, 2), ("edge", "circular"), **FIRST
    ),
    "padded_groups": conv("PaddedConv2D", 6, 2, 1, "edge", 1, 3),
    "padded_3d": conv("PaddedConv3D", 4, 3, (2, 1, 2), "edge"),
}
CONVS = RESIZE | SUBPIXEL | PADDED
# Weights far from zero, or some gradients would be lost in rounding.
RESAMPLING = {
    "carafe": case(
        "Carafe2D",
        (3, 2),
        (4, 3),
        (2, 3),
        8,
        3,
        "glorot_uniform",
        ("edge", "circular"),
    ),
    "carafe_channels_first": case(
        "Carafe2D", 2, 3, 1, 4, kernel_initializer="glorot_uniform", **FIRST
    ),
    "dysample": case(
        "DySample2D",
        (3, 2),
        3,
        "lp",
        True,
        "glorot_uniform",
        ("reflect", "circular"),
    ),
    "dysample_pl": case(
        "DySample2D", (1, 3), 1, "pl", False, "glorot_uniform", "constant"
    ),
    "dysample_channels_first": case(
        "DySample2D", 2, 1, kernel_initializer="glorot_uniform", **FIRST
    ),
}
LAYERS = CONVS | RESAMPLING
WITHOUT_WEIGHTS = {
    "pad_1d": case("Pad1D", (1, 2), "reflect"),
    "pad_2d": case("Pad2D", (1, (0, 7)), "circular", **FIRST),
    "pad_3d": case("Pad3D", 2, ("edge", "constant", "reflect")),
    "filtered_activation": case(
        "FilteredActivation", "tanh", (3, 1), 0.4, 0.3, 50, ("edge", "constant")
    ),
    "filtered_activation_channels_first": case("FilteredActivation", **FIRST),
    "blur_upsample": case(
        "BlurUpsample2D", (3, 1), (1, 2, 3, 2, 1), ("edge", "reflect")
    ),
    "blur_upsample_channels_first": case("BlurUpsample2D", 2, 3, **FIRST),
    "blur_downsample": case(
        "BlurDownsample2D", (3, 2), 4, ("edge", "constant"), align="first"
    ),
    "blur_downsample_channels_first": case(
        "BlurDownsample2D", 2, 3, align="before", **FIRST
    ),
}
ALL = LAYERS | WITHOUT_WEIGHTS
UPSAMPLINGS = {
    name: case
    for name, case in ALL.items()
    if issubclass(case.func, UpsamplingBase)
}


# One of each kind of computation; the others differ in rank and order.
KINDS = (
    "resize_nearest",
    "resize_bilinear",
    "resize_bicubic",
    "subpixel",
    "filtered",
    "padded_2d",
    "carafe",
    "dysample",
    "content_aware",
    "alias_free",
    "filtered_activation",
    "pad_2d",
    "blur_upsample",
    "blur_downsample",
)


def network(cases, known=True):
    """The layers of some cases side by side in one model.

    Args:
        cases: Functions that make layers, by name.
        known: Whether the sizes of the images are.

    Returns:
        The model, which takes a list in the order of the cases and returns a
        dictionary, and the layers by name.
    """
    layers = {name: make_layer(name=name) for name, make_layer in cases.items()}
    inputs = [keras.Input(_shape(layer, known)) for layer in layers.values()]
    outputs = {
        name: layer(x)
        for (name, layer), x in zip(layers.items(), inputs, strict=True)
    }
    return keras.Model(inputs, outputs), layers


def _shape(layer, known):
    shape = [None, *SIZES[: layer.rank], 3]
    if not known:
        axis = getattr(layer, "channel_axis", -1)
        channels = shape[axis]
        shape = [None] * len(shape)
        shape[axis] = channels
    return shape[1:]


def example(rng, layer):
    """A batch of the rank that the layer takes, with three channels."""
    sizes = SIZES[: layer.func.rank]
    return rng.normal(size=(2, *sizes, 3)).astype("float32")


def smallest(layer, x):
    """The smallest sizes that a call may ask for, and the slices to them."""
    first = layer.spatial_axes.start
    sizes = tuple(
        s * (n - 1) + 1
        for n, s in zip(x.shape[layer.spatial_axes], layer.scale, strict=True)
    )
    return sizes, (slice(None),) * first + tuple(map(slice, sizes))


def skip_of(layer, sizes, batch=3):
    """An array of these sizes with one channel, and a batch of its own."""
    shape = [batch, *sizes]
    shape.insert(layer.channel_axis % (layer.rank + 2), 1)
    return np.zeros(shape, "float32")
