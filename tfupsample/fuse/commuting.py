"""What may be done before a map is enlarged as well as afterwards."""

import numbers

import keras
from keras import layers

_ELEMENTWISE = {
    getattr(keras.activations, name)
    for name in (
        "celu elu exponential gelu hard_sigmoid hard_silu leaky_relu linear "
        "log_sigmoid mish relu relu6 selu sigmoid silu softplus softsign tanh"
    ).split()
}
_OPERATIONS = set(
    "Absolute Celu Elu Exp Gelu HardSigmoid HardSilu LeakyRelu LogSigmoid Mish "
    "Negative Relu Relu6 Selu Sigmoid Silu Softplus Softsign Sqrt Square "
    "Tanh".split()
)
_OF_TWO = {"Add", "Divide", "Maximum", "Minimum", "Multiply", "Subtract"}
_ALONG_AXES = (
    layers.BatchNormalization,
    layers.GroupNormalization,
    layers.LayerNormalization,
    layers.RMSNormalization,
    layers.Softmax,
    layers.UnitNormalization,
)
_ALWAYS = (
    layers.ELU,
    layers.Identity,
    layers.LeakyReLU,
    layers.ReLU,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.SpatialDropout3D,
)
_MERGES = (
    layers.Add,
    layers.Average,
    layers.Maximum,
    layers.Minimum,
    layers.Multiply,
    layers.Subtract,
)


def commutes(call, enlarged):
    """Whether a call gives the same before maps are enlarged as afterwards.

    What treats each pixel alike does, if pixels are only repeated. So do
    normalisations, in training too: repeating all pixels equally often changes
    neither a mean nor a variance.

    Args:
        call: A `Call`.
        enlarged: The `Enlarged` maps that it takes; they are alike.
    """
    operation, first = call.operation, enlarged[0]
    if first.padded:
        return False
    if first.interpolation != "nearest":
        # Its weights sum to 1, so a bias passes; a negative part does not.
        linear = {keras.activations.linear}
        return _is_pointwise(operation, linear)
    if _is_pointwise(operation, _ELEMENTWISE):
        return True
    axes, rank = first.enlarged_axes, len(first.scale)
    if isinstance(operation, layers.Concatenate):
        return operation.axis % rank not in axes
    if isinstance(operation, _ALONG_AXES):
        along = operation.axis
        along = along if isinstance(along, (list, tuple)) else [along]
        return axes.isdisjoint(axis % rank for axis in along)
    if isinstance(operation, layers.PReLU):
        return axes.issubset(operation.shared_axes or ())
    return _is_elementwise(call)


def _is_elementwise(call):
    operation, name = call.operation, type(call.operation).__name__
    if isinstance(operation, layers.Activation):
        return operation.activation in _ELEMENTWISE
    if isinstance(operation, layers.Layer):
        return isinstance(operation, (*_ALWAYS, *_MERGES))
    if name in _OF_TWO:
        args, kwargs = call.arguments([0.0] * len(call.inputs))
        others = keras.tree.flatten((args, kwargs))
        return all(isinstance(x, numbers.Number) for x in others)
    return name in _OPERATIONS


def _is_pointwise(operation, activations):
    """Whether it mixes the channels of each pixel, and activates it at most."""
    return (
        type(operation) in (layers.Conv1D, layers.Conv2D, layers.Conv3D)
        and max((*operation.kernel_size, *operation.strides)) == 1
        and operation.activation in activations
    )
