"""What layers and operations of Keras do to images, as fields of a `Step`."""

import numpy as np
from keras import layers

from tfupsample.inspection.layer_fields import as_array, weights
from tfupsample.inspection.steps import zeros_seen, zeros_seen_transposed


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
    return _convolution(layer) | weights(layer)


def _transposed(layer):
    return weights(layer) | {
        "role": "transposed convolution",
        "kernel_size": layer.kernel_size,
        "strides": layer.strides,
        "dilation": layer.dilation_rate,
        "factor": max(layer.strides),
        "border": zeros_seen_transposed(
            layer.kernel_size, layer.strides, layer.padding
        ),
    }


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


def zeros(layer):
    """Describes a padding by zeros."""
    return {"role": "zero padding", "border": max(map(max, layer.padding))}


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


def _tuple(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


STOCK_LAYERS = {
    _of_rank("Conv{}DTranspose"): _transposed,
    (
        layers.DepthwiseConv1D,
        layers.DepthwiseConv2D,
        layers.SeparableConv1D,
        layers.SeparableConv2D,
    ): _convolution,
    _of_rank("Conv{}D"): _plain_convolution,
    _of_rank("MaxPooling{}D"): _pool("max pool"),
    _of_rank("AveragePooling{}D"): _pool("average pool"),
    _of_rank("ZeroPadding{}D"): zeros,
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
