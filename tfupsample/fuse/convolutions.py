"""Convolutions of enlarged maps as resize-convolutions of the maps."""

import dataclasses
import math

import keras

from tfupsample.fuse.enlarged import NotFused
from tfupsample.fuse.resizes import on_axes
from tfupsample.layers import padding_layer, resize_conv
from tfupsample.layers.conv_base import KERAS_ARGUMENTS, same_widths
from tfupsample.layers.padded_conv import PaddedConv
from tfupsample.ops.phase_form import exact_pad_mode, phase_plan
from tfupsample.repair.surgery import shared_config, with_weights

MOST_ARITHMETIC = {"nearest": 0.9, "bilinear": 0.7}
"""Multiply-adds of a fused convolution, over those of the two layers, up to
which it is the faster one. Few taps share little: nearest with a 2×2 kernel and
bilinear with a 3×3 kernel are at 1."""

_STOCK = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)


@dataclasses.dataclass(frozen=True)
class AxisPlan:
    """How one axis is computed: pad the map, resize-convolve, crop.

    Attributes:
        mode: The pad mode of the map and of the resize-convolution.
        pad: Pixels of the map to add before and after.
        crop: Pixels of the result to drop before and after.
    """

    mode: str
    pad: tuple
    crop: tuple


def is_convolution(operation):
    """Whether a layer is one that may be fused at all."""
    return type(operation) in _STOCK or isinstance(operation, PaddedConv)


def arithmetic_ratio(layer, enlarged):
    """Returns multiply-adds of the fused layer over those of the two."""
    scale, _, _ = on_space(layer, enlarged)
    taps = [
        phase_plan(k, s, enlarged.interpolation).taps
        for k, s in zip(layer.kernel_size, scale)
    ]
    return math.prod(taps) / math.prod(layer.kernel_size)


def fused(layer, enlarged):
    """Returns the layers that do to the map what follows it, in one.

    Args:
        layer: A convolution.
        enlarged: The `Enlarged` that it is given.

    Returns:
        A list of new layers, with the weights of the old one.

    Raises:
        NotFused: if there is no exact form.
    """
    scale, widths, modes = _seen(layer, enlarged)
    plans = [
        axis_plan(k, s, enlarged.interpolation, w, m)
        for k, s, w, m in zip(layer.kernel_size, scale, widths, modes)
    ]
    return _layers(layer, scale, enlarged.interpolation, plans)


def axis_plan(kernel_size, scale, interpolation, widths, mode):
    """Returns how to compute one axis exactly at low resolution.

    Where the padding is not that of a convolution of the same size, the
    resize-convolution computes a border too wide, which is cropped.

    Args:
        kernel_size: Taps of the convolution, which adds nothing itself.
        scale: Integer, at least 1.
        interpolation: `"nearest"` or `"bilinear"`.
        widths: Pixels `(before, after)` added to the enlarged map.
        mode: How; `None` where nothing is added.

    Raises:
        NotFused: if no extension of the map gives the same.
    """
    same = same_widths([kernel_size])[0]
    exact = "edge"
    if max(widths):
        # It depends on how far the padding reaches, of any kernel.
        exact = exact_pad_mode(mode, 2 * max(widths), scale, interpolation)
    if exact is None:
        raise NotFused(
            f"{mode!r} padding of {max(widths)} pixels after {interpolation} "
            "resizing is no padding of what is resized"
        )
    pad = (0, 0)
    if any(w > s for w, s in zip(widths, same)):
        pad = tuple(-(-w // scale) for w in widths)
    crop = tuple(n * scale - w + s for n, w, s in zip(pad, widths, same))
    return AxisPlan(exact, pad, crop)


def _seen(layer, enlarged):
    """Scale, widths and modes of the spatial axes that a kernel sees."""
    for reason, holds in {
        "it has groups": layer.groups > 1,
        "it has strides": max(layer.strides) > 1,
        "it is dilated": max(layer.dilation_rate) > 1,
        "it has weights of LoRA": getattr(layer, "lora_enabled", False),
    }.items():
        if holds:
            raise NotFused(reason)
    scale, widths, modes = on_space(layer, enlarged)
    own, own_modes = _own_padding(layer)
    if not any(map(any, own)):
        return scale, widths, modes
    if enlarged.padded and {*own_modes, *filter(None, modes)} != {"constant"}:
        raise NotFused("what it is given is padded in two ways")
    widths = [(a + c, b + d) for (a, b), (c, d) in zip(widths, own)]
    return scale, widths, own_modes


def _own_padding(layer):
    """Widths and modes of what a convolution adds itself."""
    same = same_widths(layer.kernel_size)
    if isinstance(layer, PaddedConv):
        return same, layer.pad_mode
    causal = tuple((k - 1, 0) for k in layer.kernel_size)
    none = ((0, 0),) * layer.rank
    widths = {"same": same, "causal": causal, "valid": none}[layer.padding]
    return widths, ("constant",) * layer.rank


def on_space(layer, enlarged):
    """What is to be done to the spatial axes of a convolution."""
    spatial = on_axes(layer, [True] * layer.rank, False)
    done = list(zip(enlarged.scale, enlarged.widths, enlarged.modes))
    other = [d[:2] for d, inside in zip(done, spatial) if not inside]
    if other != [(1, (0, 0))] * 2:
        raise NotFused("its channels are resized or padded too")
    return zip(*(d for d, inside in zip(done, spatial) if inside))


def _layers(layer, scale, interpolation, plans):
    """The layers of the plans; only the resize-convolution has weights."""
    config = layer.get_config()
    new = getattr(resize_conv, f"ResizeConv{layer.rank}D").from_config(
        shared_config(layer)
        | {key: config[key] for key in KERAS_ARGUMENTS}
        | {
            "kernel_size": layer.kernel_size,
            "scale": scale,
            "interpolation": interpolation,
            "pad_mode": [plan.mode for plan in plans],
        }
    )
    found = [with_weights(new, layer, layer.kernel)]
    shared = {"data_format": layer.data_format, "dtype": layer.dtype_policy}
    if any(any(plan.pad) for plan in plans):
        pad = getattr(padding_layer, f"Pad{layer.rank}D")
        widths, modes = zip(*((plan.pad, plan.mode) for plan in plans))
        name = f"{layer.name}_pad"
        found.insert(0, pad(widths, modes, name=name, **shared))
    if any(any(plan.crop) for plan in plans):
        found.append(_cropping(layer, [plan.crop for plan in plans], shared))
    return found


def _cropping(layer, widths, shared):
    if layer.rank > 1:
        cropping = getattr(keras.layers, f"Cropping{layer.rank}D")
        return cropping(widths, name=f"{layer.name}_crop", **shared)
    if layer.data_format == "channels_first":
        raise NotFused("its border is cropped, channels first in one dimension")
    return keras.layers.Cropping1D(
        widths[0], name=f"{layer.name}_crop", dtype=layer.dtype_policy
    )
