"""What each Keras layer and operation does to an image, as a `Step`."""

import functools
import math

import numpy as np
from keras import layers, ops

from tfupsample.inspection.call import channels_last
from tfupsample.inspection.hidden_shuffle import hidden_shuffle
from tfupsample.inspection.steps import (
    Step,
    factor_of_shapes,
    spatial_sizes,
    zeros_seen,
    zeros_seen_transposed,
)
from tfupsample.layers.alias_free import AliasFreeConv2D, FilteredActivation
from tfupsample.layers.carafe import Carafe2D
from tfupsample.layers.content_aware_conv import ContentAwareConv2D
from tfupsample.layers.dysample import DySample2D
from tfupsample.layers.filtered_conv import FilteredConvTranspose2D
from tfupsample.layers.initializers import ICNR, Balanced
from tfupsample.layers.padded_conv import PaddedConv
from tfupsample.layers.padding_layer import Pad
from tfupsample.layers.resample import BlurDownsample2D, BlurUpsample2D
from tfupsample.layers.resize_conv import ResizeConv
from tfupsample.layers.subpixel_conv import SubpixelConv


def _convolution(layer):
    zeros = layer.padding in ("same", "causal")
    reach = layer.kernel_size, layer.strides, layer.dilation_rate
    return {
        "role": "convolution",
        "kernel_size": layer.kernel_size,
        "strides": layer.strides,
        "dilation": layer.dilation_rate,
        "factor": 1 / max(layer.strides),
        "border": zeros_seen(*reach) if zeros else 0,
    }


def _plain_convolution(layer):
    return _convolution(layer) | _weights(layer)


def _weights(layer):
    return {
        "kernel": layer.kernel,
        "bias": None if layer.bias is None else as_array(layer.bias),
        "activation": _activation(layer),
        "icnr": isinstance(layer.kernel_initializer, (ICNR, Balanced)),
    }


def _transposed(layer):
    return _weights(layer) | {
        "role": "transposed convolution",
        "kernel_size": layer.kernel_size,
        "strides": layer.strides,
        "dilation": layer.dilation_rate,
        "factor": max(layer.strides),
        "border": zeros_seen_transposed(
            layer.kernel_size, layer.strides, layer.padding
        ),
    }


def _subpixel(layer):
    # Its one bias a filter comes after the shuffle, alike for all phases.
    return _weights(layer) | {
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
    return _weights(layer) | {
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


def _pool(role):
    def describe(layer):
        size = _tuple(layer.pool_size)
        strides = _tuple(layer.strides or size)
        return {
            "role": role,
            "kernel_size": size,
            "strides": strides * (len(size) // len(strides)),
            "factor": 1 / max(strides),
        }

    return describe


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


def _zeros(layer):
    return {"role": "zero padding", "border": max(map(max, layer.padding))}


def _padding(layer):
    return _zeros(layer) if "constant" in layer.pad_mode else {"role": "pass"}


def _padding_operation(operation):
    if operation.mode != "constant":
        return {"role": "pass"}
    width = max(map(max, operation.pad_width))
    return {"role": "zero padding", "border": width}


def _shuffle(operation):
    block = operation.block_size
    return {"role": "shuffle", "strides": (block, block), "factor": block}


def _batch_norm(layer):
    spread = np.sqrt(as_array(layer.moving_variance) + layer.epsilon)
    gamma = as_array(layer.gamma) if layer.scale else 1.0
    beta = as_array(layer.beta) if layer.center else 0.0
    gain = gamma / spread
    return {
        "role": "normalisation",
        "gain": gain,
        "bias": beta - gain * as_array(layer.moving_mean),
    }


def _is(role):
    return lambda layer: {"role": role}


def _of_rank(*names):
    return tuple(
        getattr(layers, name.format(rank))
        for name in names
        for rank in (1, 2, 3)
    )


LAYERS = {
    _of_rank("Conv{}DTranspose"): _transposed,
    (SubpixelConv,): _subpixel,
    (ResizeConv, FilteredConvTranspose2D): _resize_convolution,
    (AliasFreeConv2D,): _alias_free_convolution,
    (ContentAwareConv2D,): _content_aware_convolution,
    (PaddedConv,): _padded_convolution,
    (
        layers.DepthwiseConv1D,
        layers.DepthwiseConv2D,
        layers.SeparableConv1D,
        layers.SeparableConv2D,
    ): _convolution,
    _of_rank("Conv{}D"): _plain_convolution,
    _of_rank("MaxPooling{}D"): _pool("max pool"),
    _of_rank("AveragePooling{}D"): _pool("average pool"),
    _of_rank("ZeroPadding{}D"): _zeros,
    (Pad,): _padding,
    (Carafe2D, DySample2D): _content_aware,
    (BlurUpsample2D,): _blur("resize", 1),
    (BlurDownsample2D,): _blur("blur", -1),
    (FilteredActivation,): _filtered_activation,
    (*_of_rank("UpSampling{}D"), layers.Resizing): _is("resize"),
    (layers.BatchNormalization,): _batch_norm,
    (
        layers.LayerNormalization,
        layers.GroupNormalization,
        layers.RMSNormalization,
        layers.UnitNormalization,
    ): _is("normalisation"),
    (
        layers.Activation,
        layers.ReLU,
        layers.LeakyReLU,
        layers.PReLU,
        layers.ELU,
        layers.Softmax,
    ): _is("activation"),
    (layers.Reshape, layers.Flatten): _is("reshape"),
    (
        *_of_rank("Cropping{}D", "SpatialDropout{}D"),
        layers.Dropout,
        layers.GaussianNoise,
        layers.GaussianDropout,
        layers.AlphaDropout,
        layers.Identity,
        layers.Rescaling,
    ): _is("pass"),
}
"""From classes of layers to what describes one as fields of a `Step`."""

OPERATIONS = {
    "DepthToSpace": _shuffle,
    "Resize": _is("resize"),
    "Pad": _padding_operation,
    "MaxPool": _pool("max pool"),
    "AveragePool": _pool("average pool"),
    "ConvertToTensor": _is("pass"),
    "Cast": _is("pass"),
    "Reshape": _is("reshape"),
    "Squeeze": _is("reshape"),
} | dict.fromkeys(
    ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Gelu", "Silu", "Sigmoid")
    + ("Tanh", "Softplus", "HardSigmoid", "HardSilu", "Softsign"),
    _is("activation"),
)
"""From names of `keras.ops` to the same; their classes are not public."""


def description_of(operation):
    """Returns the function that describes an operation; `None` if unknown."""
    for classes, describe in LAYERS.items():
        if isinstance(operation, classes):
            return describe
    if isinstance(operation, layers.Layer):
        return None
    return OPERATIONS.get(type(operation).__name__)


def step_of(operation, path, sources, shape, call=None):
    """Returns the `Step` of one call.

    Args:
        operation: A layer or an operation of `keras.ops`.
        path: Its path.
        sources: `(step, index)` of each of its inputs: which output of which
            step.
        shape: Of its output, batch included; empty where unknown.
        call: From the operation and one array for each source to the list of
            its outputs; `None` if it cannot be called.
    """
    describe = description_of(operation)
    fields = describe(operation) if describe else {}
    before = _image_of(sources)
    axis = _channel_axis(operation, before, shape)
    if not describe and before and call:
        fields = hidden_shuffle(operation, before.shape, shape, axis)
    if "factor" not in fields and before and _moves_pixels(fields):
        fields["factor"] = factor_of_shapes(
            spatial_sizes(before.shape, before.channel_axis),
            spatial_sizes(shape, axis),
            len(before.shape) - 2,
        )
    return Step(
        path,
        type(operation).__name__,
        sources=tuple(step for step, _ in sources),
        outputs=tuple(index for _, index in sources),
        spatial=len(shape) != 2,
        shape=shape,
        channel_axis=axis,
        layer=operation,
        call=call and functools.partial(call, channels_last(operation)),
        **fields,
    )


def _image_of(sources):
    """The largest image that a step takes, the first of equals, or `None`."""
    images = [step for step, _ in sources if step.spatial]
    return max(
        images,
        key=lambda s: math.prod(n or 1 for n in s.shape[1:]),
        default=None,
    )


def _channel_axis(operation, before, shape):
    """Where an output has its channels: 1 or -1."""
    named = getattr(operation, "data_format", None)
    if named is not None:
        return 1 if named == "channels_first" else -1
    if before is None or len(shape) < 4:
        return -1 if before is None else before.channel_axis
    axes = getattr(operation, "axes", None)
    if isinstance(operation, layers.Permute):
        axes = (0, *operation.dims)
    rank = len(shape)
    turned = {
        (0, *range(2, rank), 1): -1,
        (0, rank - 1, *range(1, rank - 1)): 1,
    }
    axis = turned.get(tuple(axes) if isinstance(axes, (list, tuple)) else None)
    if axis and before.role == "input":
        # Nothing else says how the images come in.
        before.channel_axis = -axis
    return axis or before.channel_axis


def as_array(variable):
    """Returns a variable as float64, whatever its precision."""
    return np.asarray(ops.convert_to_numpy(variable)).astype("float64")


def _moves_pixels(fields):
    return fields.get("role", "other") in ("other", "resize", "reshape")


def _activation(layer):
    name = getattr(layer.activation, "__name__", "")
    name = name or getattr(layer.activation, "name", "activation")
    return "" if name == "linear" else name


def _tuple(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
