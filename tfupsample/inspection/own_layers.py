"""What each layer of this package does to an image, as fields of a `Step`."""

from tfupsample.inspection.layer_fields import weights
from tfupsample.inspection.steps import zeros_seen
from tfupsample.inspection.stock_layers import zeros
from tfupsample.layers.alias_free import AliasFreeConv2D, FilteredActivation
from tfupsample.layers.carafe import Carafe2D
from tfupsample.layers.content_aware_conv import ContentAwareConv2D
from tfupsample.layers.dysample import DySample2D
from tfupsample.layers.filtered_conv import FilteredConvTranspose2D
from tfupsample.layers.padded_conv import PaddedConv
from tfupsample.layers.padding_layer import Pad
from tfupsample.layers.resample import BlurDownsample2D, BlurUpsample2D
from tfupsample.layers.resize_conv import ResizeConv
from tfupsample.layers.subpixel_conv import SubpixelConv


def _subpixel(layer):
    # Its one bias a filter comes after the shuffle, alike for all phases.
    return weights(layer) | {
        "role": "sub-pixel convolution",
        "kernel_size": layer.kernel_size,
        "strides": layer.scale,
        "factor": max(layer.scale),
        "bias": None,
        "border": _border(layer, (1,)) * max(layer.scale),
    }


def _resize_convolution(layer):
    return {
        "role": "resize-convolution",
        "kernel_size": layer.kernel_size,
        "strides": layer.scale,
        "factor": max(layer.scale),
        "border": _border(layer, (1,)),
    }


def _padded_convolution(layer):
    return weights(layer) | {
        "role": "convolution",
        "kernel_size": layer.kernel_size,
        "strides": layer.strides,
        "dilation": layer.dilation_rate,
        "factor": 1 / max(layer.strides),
        "border": _border(layer, layer.strides, layer.dilation_rate),
    }


def _border(layer, *reach):
    if "constant" not in layer.pad_mode:
        return 0
    return zeros_seen(layer.kernel_size, *reach)


def _blur(role, power):
    def describe(layer):
        return {
            "role": role,
            "strides": layer.scale,
            "factor": float(max(layer.scale)) ** power,
        }

    return describe


def _content_aware(layer):
    return {
        "role": "resize",
        "strides": layer.scale,
        "factor": float(max(layer.scale)),
        "border": _content_border(layer),
    }


def _content_aware_convolution(layer):
    fields = _resize_convolution(layer)
    fields["border"] += _content_border(layer.resampler)
    return fields


def _content_border(layer):
    """Output pixels that see zeros; offsets are those of the start."""
    if "constant" not in layer.pad_mode:
        return 0
    if isinstance(layer, DySample2D):
        return max(layer.scale) // 2
    reach = max(*layer.kernel_size, *layer.encoder_size) // 2
    return reach * max(layer.scale)


def _alias_free_convolution(layer):
    fields = _resize_convolution(layer)
    fields["border"] += max(_beside_the_cell(layer))
    return fields


def _filtered_activation(layer):
    """Both filters reach beyond the cell, at the larger size."""
    reach = zip(_beside_the_cell(layer), layer.scale)
    return {"role": "blur", "border": max(-(-2 * n // s) for n, s in reach)}


def _beside_the_cell(layer):
    """Taps of the filter before a cell of `scale` pixels that see zeros."""
    return [
        (len(taps) - s) // 2 if mode == "constant" else 0
        for taps, s, mode in zip(layer.taps, layer.scale, layer.pad_mode)
    ]


def _padding(layer):
    return zeros(layer) if "constant" in layer.pad_mode else {"role": "pass"}


OWN_LAYERS = {
    (SubpixelConv,): _subpixel,
    (ResizeConv, FilteredConvTranspose2D): _resize_convolution,
    (AliasFreeConv2D,): _alias_free_convolution,
    (ContentAwareConv2D,): _content_aware_convolution,
    (PaddedConv,): _padded_convolution,
    (Pad,): _padding,
    (Carafe2D, DySample2D): _content_aware,
    (BlurUpsample2D,): _blur("resize", 1),
    (BlurDownsample2D,): _blur("blur", -1),
    (FilteredActivation,): _filtered_activation,
}
"""From classes of layers to what describes one as fields of a `Step`."""
