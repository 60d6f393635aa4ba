"""What each node of a TensorFlow graph does to an image, as a `Step`."""

import numpy as np

from tfupsample.inspection.steps import (
    Step,
    factor_of_shapes,
    zeros_seen,
    zeros_seen_transposed,
)
from tfupsample.model_files.loading import constant_value

_TRANSPOSED = {
    "Conv2DBackpropInput": 2,
    "Conv3DBackpropInput": 3,
    "Conv3DBackpropInputV2": 3,
}
_CONVOLUTIONS = ("Conv2D", "Conv3D", "DepthwiseConv2dNative")
_POOLS = {
    "MaxPool": "max pool",
    "MaxPoolV2": "max pool",
    "MaxPool3D": "max pool",
    "AvgPool": "average pool",
    "AvgPool3D": "average pool",
}
_ROLES = (
    dict.fromkeys(
        ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh")
        + ("Softplus", "Softsign"),
        "activation",
    )
    | dict.fromkeys(("Identity", "IdentityN", "StopGradient"), "pass")
    | dict.fromkeys(
        ("ResizeNearestNeighbor", "ResizeBilinear", "ResizeBicubic"), "resize"
    )
)
# What stands between variables and where they are used.
_ARITHMETIC = {
    "Identity": lambda x: x,
    "ReadVariableOp": lambda x: x,
    "StopGradient": lambda x: x,
    "Squeeze": np.squeeze,
    "Reshape": np.reshape,
    "Tile": np.tile,
    "Mul": np.multiply,
    "Add": np.add,
    "AddV2": np.add,
    "Sub": np.subtract,
    "Rsqrt": lambda x: 1 / np.sqrt(x),
}
# Others, such as slices and concatenations, pad and crop.
_RESIZING = ("Reshape", "Tile", "BroadcastTo", "SpaceToDepth", *_ROLES)


def step_of(operation, steps, axes):
    """Returns the `Step` of an operation.

    Args:
        operation: With shapes that are known.
        steps: `{operation: Step}` of those before it.
        axes: Spatial axes of the images.
    """
    fields = _fields(operation)
    tensors = [t for t in operation.inputs if t.op in steps]
    output = operation.outputs[0]
    before = next((t for t in tensors if is_spatial(t)), None)
    if (
        "factor" not in fields
        and before is not None
        and is_spatial(output)
        and operation.type in _RESIZING
    ):
        fields["factor"] = factor_of_shapes(
            before.shape[1:-1].as_list(), output.shape[1:-1].as_list(), axes
        )
    # Weights and shapes come in by other inputs; pictures by the first image.
    data = [t for t in tensors if is_spatial(t)] or tensors
    return Step(
        _path(operation.name),
        operation.type,
        sources=tuple(steps[t.op] for t in data if t.op.type != "Const"),
        spatial=is_spatial(output),
        **fields,
    )


def _fields(operation):
    kind = operation.type
    if kind in _TRANSPOSED:
        return _transposed(operation)
    if kind in _CONVOLUTIONS:
        return _convolution(operation)
    if kind in _POOLS:
        strides, size = (_window(operation, n) for n in ("strides", "ksize"))
        return {
            "role": _POOLS[kind],
            "kernel_size": size,
            "strides": strides,
            "factor": 1 / max(strides),
        }
    if kind == "DepthToSpace":
        block = operation.get_attr("block_size")
        return {"role": "shuffle", "strides": (block,) * 2, "factor": block}
    if kind in ("Pad", "PadV2"):
        return _padding(operation)
    if kind in ("BiasAdd", "Mul", "Add", "AddV2"):
        return _channelwise(operation)
    if kind.startswith("FusedBatchNorm"):
        return _batch_norm(operation)
    return {"role": _ROLES.get(kind, "other")}


def _transposed(operation):
    strides = _window(operation, "strides")
    kernel = operation.inputs[1]
    size = tuple(kernel.shape[: len(strides)])
    padding = operation.get_attr("padding").decode().lower()
    return {
        "role": "transposed convolution",
        "kernel_size": size,
        "strides": strides,
        "factor": max(strides),
        "kernel": _constant(kernel),
        "border": zeros_seen_transposed(size, strides, padding),
    }


def _convolution(operation):
    strides = _window(operation, "strides")
    dilation = _window(operation, "dilations")
    kernel = operation.inputs[1]
    size = tuple(kernel.shape[: len(strides)])
    zeros = operation.get_attr("padding") != b"VALID"
    return {
        "role": "convolution",
        "kernel_size": size,
        "strides": strides,
        "factor": 1 / max(strides),
        "kernel": None
        if operation.type == "DepthwiseConv2dNative"
        else _constant(kernel),
        "border": zeros_seen(size, strides, dilation) if zeros else 0,
    }


def _padding(operation):
    widths = _constant(operation.inputs[1])
    known = widths is not None
    return {
        "role": "zero padding",
        "border": int(widths.max()) if known else 1,
    }


def _channelwise(operation):
    """A sum or product with one known number for each channel."""
    output = operation.outputs[0]
    values = (
        [_constant(t) for t in operation.inputs] if is_spatial(output) else []
    )
    known = next((v for v in values if v is not None), None)
    if known is None or known.size not in (1, output.shape[-1]):
        return {"role": "bias" if operation.type == "BiasAdd" else "other"}
    if operation.type == "Mul":
        return {"role": "normalisation", "gain": known.ravel()}
    return {"role": "bias", "bias": known.ravel()}


def _batch_norm(operation):
    gamma, beta, mean, variance = map(_constant, operation.inputs[1:5])
    if any(x is None for x in (gamma, beta, mean, variance)):
        return {"role": "normalisation"}
    gain = gamma / np.sqrt(variance + operation.get_attr("epsilon"))
    return {"role": "normalisation", "gain": gain, "bias": beta - gain * mean}


def _window(operation, name):
    """An attribute of four or five numbers along the spatial axes."""
    values = operation.get_attr(name)
    first = operation.get_attr("data_format").startswith(b"NC")
    return tuple(values[2:] if first else values[1:-1])


def _constant(tensor):
    """The values of a tensor, as float64; `None` if they depend on inputs."""
    value = _evaluate(tensor)
    return None if value is None else np.asarray(value, "float64")


def _evaluate(tensor):
    operation = tensor.op
    if operation.type == "Const":
        return constant_value(operation)
    if operation.type not in _ARITHMETIC:
        return None
    values = [_evaluate(t) for t in operation.inputs]
    if any(value is None for value in values):
        return None
    return _ARITHMETIC[operation.type](*values)


def is_spatial(tensor):
    """Returns whether a tensor has spatial axes, of known sizes."""
    rank = tensor.shape.rank
    return rank is not None and rank > 2 and None not in tensor.shape[1:]


def _path(name):
    """Without the functions that wrap a graph."""
    parts = name.split("/")
    return "/".join(p for p in parts if "PartitionedCall" not in p)
