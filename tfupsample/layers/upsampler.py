"""From the name of an upsampling to its layer."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras

from tfupsample.arguments import (
    for_axes,
    one_of,
    per_axis,
    positive_integer,
    scale_factor,
    tap_count,
)
from tfupsample.layers.alias_free import AliasFreeConv2D
from tfupsample.layers.constraints import EqualPhaseGain
from tfupsample.layers.content_aware_conv import ContentAwareConv2D
from tfupsample.layers.filtered_conv import FilteredConvTranspose2D
from tfupsample.layers.initializers import Balanced, independent
from tfupsample.layers.resize_conv import ResizeConv2D
from tfupsample.layers.subpixel_conv import SubpixelConv2D


def _deconv(filters, kernel_size, scale, pad_mode="constant", **kwargs):
    if any(mode != "constant" for mode in for_axes("pad_mode", pad_mode, 2)):
        raise ValueError(
            "`pad_mode` must be 'constant' or left out: a transposed "
            f"convolution sees zeros beyond the border. Received: {pad_mode!r}"
        )
    return keras.layers.Conv2DTranspose(
        positive_integer("filters", filters),
        per_axis("kernel_size", kernel_size, 2, tap_count),
        strides=per_axis("scale", scale, 2, scale_factor),
        padding="same",
        **kwargs,
    )


def _deconv_balanced(kernel_initializer="glorot_uniform", **kwargs):
    scale = per_axis("scale", kwargs["scale"], 2, scale_factor)
    return _deconv(
        kernel_initializer=Balanced(kernel_initializer, scale),
        kernel_constraint=EqualPhaseGain(scale),
        **kwargs,
    )


UPSAMPLERS: dict[str, Callable[..., keras.Layer]] = {
    "nearest": functools.partial(ResizeConv2D, interpolation="nearest"),
    "bilinear": functools.partial(ResizeConv2D, interpolation="bilinear"),
    "bicubic": functools.partial(ResizeConv2D, interpolation="bicubic"),
    "subpixel": SubpixelConv2D,
    "deconv": _deconv,
    "deconv_balanced": _deconv_balanced,
    "filtered": FilteredConvTranspose2D,
    "alias_free": AliasFreeConv2D,
    "carafe": functools.partial(ContentAwareConv2D, resampling="carafe"),
    "dysample": functools.partial(ContentAwareConv2D, resampling="dysample"),
}
"""Name to a function of `filters`, `kernel_size`, `scale`, `pad_mode` and the
arguments of `keras.layers.Conv2D`."""

ZEROS_ONLY = ("deconv", "deconv_balanced")
"""Upsamplers that see zeros beyond the border and know no other `pad_mode`."""

_SETTLED = {
    "nearest": ("interpolation",),
    "bilinear": ("interpolation",),
    "bicubic": ("interpolation",),
    "carafe": ("resampling",),
    "dysample": ("resampling",),
    "deconv": ("strides", "padding"),
    "deconv_balanced": ("strides", "padding", "kernel_constraint"),
}
"""Arguments of the layer that follow from the name and `scale`."""


def make_upsampler(
    name: str,
    filters: int,
    kernel_size: int | Sequence[int] = 3,
    scale: int | Sequence[int] = 2,
    pad_mode: str | Sequence[str] | None = None,
    **kwargs: Any,
) -> keras.Layer:
    """Returns a new layer that upsamples images and convolves them.

    Args:
        name: A key of `UPSAMPLERS`: `"nearest"`, `"bilinear"`, `"bicubic"`
            (`ResizeConv2D`), `"subpixel"` (`SubpixelConv2D`), `"filtered"`
            (`FilteredConvTranspose2D`), `"alias_free"` (`AliasFreeConv2D`),
            `"carafe"`, `"dysample"`
            (`ContentAwareConv2D`), `"deconv"`
            (`keras.layers.Conv2DTranspose`, the baseline that paints a
            checkerboard) or `"deconv_balanced"` (the same, started and kept
            under `EqualPhaseGain`).
        filters: Number of output channels.
        kernel_size: Height and width of the kernel: in input pixels for
            `"subpixel"`, in output pixels for the others.
        scale: Integer upsampling factor, or one for each axis.
        pad_mode: As for the layers; by default `"symmetric"`, and zeros for
            `"deconv"` and `"deconv_balanced"`, which accept `"constant"` only.
        **kwargs: Further arguments of the layer. An initializer without a seed
            draws other numbers in each layer that it is given to.
            `"deconv_balanced"` wraps the `kernel_initializer` in `Balanced`.

    Returns:
        A layer from `(batch, height, width, channels)` to
        `(batch, scale * height, scale * width, filters)`.

    Raises:
        ValueError: for an unknown name, for an argument that the layer does not
            accept, or for one that the name already settles.
    """
    make = UPSAMPLERS[one_of("name", name, UPSAMPLERS)]
    for argument in _SETTLED.get(name, ()):
        if argument in kwargs:
            raise ValueError(
                f"`{argument}` must be left out: name={name!r} and `scale` "
                f"settle it. Received: {kwargs[argument]!r}"
            )
    if pad_mode is not None:
        kwargs["pad_mode"] = pad_mode
    for argument in kwargs.keys() & {"kernel_initializer", "bias_initializer"}:
        kwargs[argument] = independent(kwargs[argument])
    return make(filters=filters, kernel_size=kernel_size, scale=scale, **kwargs)


def network_upsampler(
    name: str,
    filters: int,
    kernel_size: int | Sequence[int] = 3,
    scale: int | Sequence[int] = 2,
    pad_mode: str | Sequence[str] = "symmetric",
    **kwargs: Any,
) -> keras.Layer:
    """Makes an upsampler for a network whose layers share one `pad_mode`.

    It is `make_upsampler`, but those of `ZEROS_ONLY` see zeros whatever the
    other layers of the network see.
    """
    border = None if name in ZEROS_ONLY else pad_mode
    return make_upsampler(name, filters, kernel_size, scale, border, **kwargs)


def upsampler_names(upsample: str | Sequence[str], count: int) -> list[str]:
    """Returns the name of each of `count` upsamplings.

    Args:
        upsample: A key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas.
        count: Number of upsamplings in the model.

    Raises:
        ValueError: for an unknown name or a wrong number of names.
    """
    names = upsample.split(",") if isinstance(upsample, str) else upsample
    if not isinstance(names, (list, tuple)):
        raise ValueError(
            "`upsample` must be a name or a sequence of names. "
            f"Received: {upsample!r}"
        )
    names = names * count if len(names) == 1 else names
    if len(names) != count:
        raise ValueError(
            f"`upsample` must be one name or {count}, one for each upsampling. "
            f"Received: {upsample!r}"
        )
    return [one_of("upsample", name, UPSAMPLERS) for name in names]
