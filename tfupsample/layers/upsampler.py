"""From the name of an upsampling to its layer."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras

from tfupsample.arguments import (
    one_of,
    per_axis,
    positive_integer,
    scale_factor,
    tap_count,
)
from tfupsample.layers.constraints import EqualPhaseGain
from tfupsample.layers.filtered_conv import FilteredConvTranspose2D
from tfupsample.layers.initializers import ICNR, Balanced
from tfupsample.layers.resize_conv import ResizeConv2D
from tfupsample.layers.subpixel_conv import SubpixelConv2D


def _deconv(filters, kernel_size, scale, pad_mode, **kwargs):
    del pad_mode  # a transposed convolution knows zeros only
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


def _subpixel(kernel_initializer="glorot_uniform", **kwargs):
    icnr = ICNR(kernel_initializer, kwargs["scale"])
    return SubpixelConv2D(kernel_initializer=icnr, **kwargs)


UPSAMPLERS: dict[str, Callable[..., keras.Layer]] = {
    "nearest": functools.partial(ResizeConv2D, interpolation="nearest"),
    "bilinear": functools.partial(ResizeConv2D, interpolation="bilinear"),
    "bicubic": functools.partial(ResizeConv2D, interpolation="bicubic"),
    "subpixel": _subpixel,
    "deconv": _deconv,
    "deconv_balanced": _deconv_balanced,
    "filtered": FilteredConvTranspose2D,
}
"""Name to a function of `filters`, `kernel_size`, `scale`, `pad_mode`."""


def make_upsampler(
    name: str,
    filters: int,
    kernel_size: int | Sequence[int] = 3,
    scale: int | Sequence[int] = 2,
    pad_mode: str | Sequence[str] = "symmetric",
    **kwargs: Any,
) -> keras.Layer:
    """Returns a new layer that upsamples images and convolves.

    Args:
        name: A key of `UPSAMPLERS`: `"nearest"`, `"bilinear"`, `"bicubic"`
            (`ResizeConv2D`), `"subpixel"` (`SubpixelConv2D`), `"filtered"`
            (`FilteredConvTranspose2D`), `"deconv"`
            (`keras.layers.Conv2DTranspose`, the baseline that paints a
            checkerboard) or `"deconv_balanced"` (the same with
            `EqualPhaseGain`, from the start).
        filters: Number of output channels.
        kernel_size: Height and width of the kernel: in input pixels for
            `"subpixel"`, in output pixels for the others.
        scale: Integer upsampling factor.
        pad_mode: As for the layers; `"deconv"` and `"deconv_balanced"` always
            pad with zeros.
        **kwargs: Further arguments of the layer. `"subpixel"` wraps the
            `kernel_initializer` in `ICNR`, `"deconv_balanced"` in `Balanced`,
            and it sets the `kernel_constraint`.

    Returns:
        A layer from `(batch, height, width, channels)` to
        `(batch, scale * height, scale * width, filters)`.

    Raises:
        ValueError: for an unknown name or what the layer does not accept.
    """
    make = UPSAMPLERS[one_of("name", name, UPSAMPLERS)]
    return make(
        filters=filters,
        kernel_size=kernel_size,
        scale=scale,
        pad_mode=pad_mode,
        **kwargs,
    )


def upsampler_names(upsample: str | Sequence[str], count: int) -> list[str]:
    """Returns the name of each of `count` upsamplings.

    Args:
        upsample: A key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas.
        count: Number of upsamplings of the model.

    Raises:
        ValueError: for an unknown name or another number of names.
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
