"""What each node of a TensorFlow graph does to an image, as a `Step`."""

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.inspection.graph_image_shapes import window
from tfupsample.inspection.steps import (
    Step,
    factor_of_shapes,
    zeros_seen,
    zeros_seen_transposed,
)
from tfupsample.model_files.graph import Tensor

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
# Other operations, such as slices and concatenations, pad and crop.
_RESIZING = ("Reshape", "Tile", "BroadcastTo", "SpaceToDepth", *_ROLES)


def step_of(node, steps, axes, values):
    """Returns the `Step` of a node.

    Args:
        node: A `Node` whose shapes have been inferred.
        steps: `{node: Step}` of the nodes before it, except weights.
        axes: The spatial axes of the images.
        values: The `Values` of the graph.
    """
    fields = _fields(node, values)
    tensors = [t for t in node.inputs if t.node in steps]
    output = Tensor(node, 0)
    before = next((t for t in tensors if is_spatial(t)), None)
    if (
        "factor" not in fields
        and before is not None
        and is_spatial(output)
        and node.op in _RESIZING
    ):
        fields["factor"] = factor_of_shapes(
            before.shape[1:-1], output.shape[1:-1], axes
        )
    # Other inputs bring sizes; the first image brings the picture.
    data = [t for t in tensors if is_spatial(t)] or tensors
    return Step(
        node.name,
        node.op,
        sources=tuple(steps[t.node] for t in data),
        spatial=is_spatial(output),
        shape=tuple(output.shape or ()),
        **fields,
    )


def _fields(node, values):
    kind = node.op
    if kind in _TRANSPOSED:
        return _transposed(node, values)
    if kind in _CONVOLUTIONS:
        return _convolution(node, values)
    if kind in _POOLS:
        strides = window(node, "strides")
        return {
            "role": _POOLS[kind],
            "kernel_size": window(node, "ksize"),
            "strides": strides,
            "factor": 1 / max(strides),
        }
    if kind == "DepthToSpace":
        block = node.attr["block_size"].i
        return {"role": "shuffle", "strides": (block,) * 2, "factor": block}
    if kind in ("Pad", "PadV2"):
        return _padding(node, values)
    if kind in ("BiasAdd", "Mul", "Add", "AddV2"):
        return _channelwise(node, values)
    if kind.startswith("FusedBatchNorm"):
        return _batch_norm(node, values)
    return {"role": _ROLES.get(kind, "other")}


def _transposed(node, values):
    strides = window(node, "strides")
    kernel = node.inputs[1]
    size = _taps(kernel, strides)
    padding = node.attr["padding"].s.decode().lower()
    return {
        "role": "transposed convolution",
        "kernel_size": size,
        "strides": strides,
        "factor": max(strides),
        "kernel": _constant(kernel, values),
        "border": zeros_seen_transposed(size, strides, padding),
    }


def _convolution(node, values):
    strides = window(node, "strides")
    dilation = window(node, "dilations") or (1,)
    kernel = node.inputs[1]
    size = _taps(kernel, strides)
    zeros = node.attr["padding"].s != b"VALID"
    depthwise = node.op == "DepthwiseConv2dNative"
    return {
        "role": "convolution",
        "kernel_size": size,
        "strides": strides,
        "factor": 1 / max(strides),
        "kernel": None if depthwise else _constant(kernel, values),
        "border": zeros_seen(size, strides, dilation) if zeros else 0,
    }


def _taps(kernel, strides):
    """Returns the sizes of a kernel along the spatial axes."""
    if kernel.shape is None or len(kernel.shape) != len(strides) + 2:
        raise UnusableInput(
            f"The kernel of {kernel.node.name} has a shape that is not known."
        )
    return kernel.shape[: len(strides)]


def _padding(node, values):
    widths = values.of(node.inputs[1])
    known = widths is not None and widths.size
    return {
        "role": "zero padding",
        "border": int(widths.max()) if known else 1,
    }


def _channelwise(node, values):
    """Describes a sum or product with one known number per channel."""
    output = Tensor(node, 0)
    found = (
        [_constant(t, values) for t in node.inputs]
        if is_spatial(output)
        else []
    )
    known = next((v for v in found if v is not None), None)
    if known is None or known.size not in (1, output.shape[-1]):
        return {"role": "bias" if node.op == "BiasAdd" else "other"}
    if node.op == "Mul":
        return {"role": "normalisation", "gain": known.ravel()}
    return {"role": "bias", "bias": known.ravel()}


def _batch_norm(node, values):
    found = [_constant(t, values) for t in node.inputs[1:5]]
    if any(x is None for x in found):
        return {"role": "normalisation"}
    gamma, beta, mean, variance = found
    gain = gamma / np.sqrt(variance + node.attr["epsilon"].f)
    return {"role": "normalisation", "gain": gain, "bias": beta - gain * mean}


def _constant(tensor, values):
    """Returns a tensor's values as floats; `None` if they depend on inputs."""
    value = values.of(tensor)
    if value is None:
        return None
    return np.asarray(value, np.promote_types(value.dtype, "float32"))


def is_spatial(tensor):
    """Returns whether a tensor has spatial axes, of known sizes."""
    return tensor.shape is not None and len(tensor.shape) > 2
