"""What each node of an ONNX graph does to an image, as fields of a `Step`."""

import numpy as np
import onnx

from tfupsample.inspection.onnx import windows
from tfupsample.inspection.onnx.windows import attributes_of
from tfupsample.inspection.steps import factor_of_shapes, spatial_sizes


def fields_of(graph, node, images, axis):
    """Returns what a node does, as some fields of its `Step`.

    Args:
        graph: A `Graph`.
        node: One of its nodes.
        images: The steps of the images that it takes.
        axis: The channel axis of its output.
    """
    if not is_read(node):
        return {"role": "not read"}
    shape = graph.shape(node.output[0])
    if shape is None or len(shape) < 3:
        return {}
    fields = _described(graph, node, axis)
    if "factor" not in fields and images and _resizes(node, fields):
        before = images[0]
        fields["factor"] = factor_of_shapes(
            spatial_sizes(before.shape, before.channel_axis),
            spatial_sizes(shape, axis),
            len(shape) - 2,
        )
    return fields


# These pad and crop, which is no resizing.
_SAME_SCALE = ("Concat", "Pad", "Slice", "Split")
_READ = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")


def is_read(node):
    """Returns whether the operation of a node is known and has no branches."""
    inner = onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS
    return node.domain in _READ and not any(
        attribute.type in inner for attribute in node.attribute
    )


def _resizes(node, fields):
    role = fields.get("role", "other")
    return (
        role in ("other", "resize", "reshape")
        and node.op_type not in _SAME_SCALE
    )


def _described(graph, node, axis):
    describe = None if node.domain else _KINDS.get(node.op_type)
    if describe is None:
        return {}
    if isinstance(describe, str):
        return {"role": describe}
    if describe in (_scaled, _shifted, _joined):
        return describe(graph, node, axis)
    return describe(graph, node)


def _shuffle(graph, node):
    attributes = attributes_of(node)
    block = attributes["blocksize"]
    return {
        "role": "shuffle",
        "strides": (block, block),
        "factor": block,
        "phases_last": attributes.get("mode") == b"CRD",
    }


def _padding(graph, node):
    attributes = attributes_of(node)
    if attributes.get("mode", b"constant") != b"constant":
        return {"role": "pass"}
    widths = graph.values.get(node.input[1]) if len(node.input) > 1 else None
    if widths is None:
        return {"role": "zero padding", "border": 1}
    border = max(map(int, widths), default=0)
    return {"role": "zero padding", "border": border} if border > 0 else {}


def _batch_norm(graph, node):
    found = [graph.values.get(name) for name in node.input[1:5]]
    if len(found) < 4 or any(x is None for x in found):
        return {"role": "normalisation"}
    gamma, beta, mean, variance = (np.asarray(x, "float64") for x in found)
    epsilon = attributes_of(node).get("epsilon", 1e-5)
    gain = gamma / np.sqrt(np.maximum(variance + epsilon, 1e-30))
    return {"role": "normalisation", "gain": gain, "bias": beta - gain * mean}


def _scaled(graph, node, axis):
    """Describes a product or quotient with one known number per channel."""
    value = _for_channels(graph, node, axis)
    if value is None:
        return {"role": "pointwise"}
    if node.op_type == "Mul":
        return {"role": "normalisation", "gain": value}
    if node.input[0] in graph.values or not value.all():
        return {"role": "pointwise"}
    return {"role": "normalisation", "gain": 1 / value}


def _shifted(graph, node, axis):
    """Describes a sum or difference with one known number per channel."""
    value = _for_channels(graph, node, axis)
    if value is None:
        return {"role": "pointwise"}
    if node.op_type == "Add":
        return {"role": "bias", "bias": value}
    if node.input[0] in graph.values:
        return {"role": "pointwise"}
    return {"role": "bias", "bias": -value}


def _joined(graph, node, axis):
    """Describes a concatenation, of channels or of pieces of an image."""
    rank = len(graph.shape(node.output[0]))
    along = attributes_of(node)["axis"] % rank
    return {"role": "pointwise"} if along == axis % rank else {}


def _for_channels(graph, node, axis):
    """Returns the known operand as one number or one per channel, or `None`."""
    shape = graph.shape(node.output[0])
    known = [graph.values[n] for n in node.input if n in graph.values]
    if not known or not np.issubdtype(known[0].dtype, np.floating):
        return None
    value = np.asarray(known[0], "float64")
    if value.size == 1:
        return value.reshape(1)
    whole = (*(1,) * (len(shape) - value.ndim), *value.shape)
    channels = shape[axis]
    if value.size == channels == whole[axis]:
        return value.ravel()
    return None


_KINDS = (
    {
        "Add": _shifted,
        "AveragePool": windows.pool("average pool"),
        "BatchNormalization": _batch_norm,
        "Concat": _joined,
        "Conv": windows.convolution,
        "ConvTranspose": windows.transposed,
        "DepthToSpace": _shuffle,
        "Div": _scaled,
        "MaxPool": windows.pool("max pool"),
        "Mul": _scaled,
        "Pad": _padding,
        "Sub": _shifted,
    }
    | dict.fromkeys(
        ("GroupNormalization", "InstanceNormalization", "LayerNormalization")
        + ("LpNormalization", "MeanVarianceNormalization", "RMSNormalization"),
        "normalisation",
    )
    | dict.fromkeys(
        ("Celu", "Clip", "Elu", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu")
        + ("Mish", "PRelu", "Relu", "Selu", "Sigmoid", "Softmax", "Softplus")
        + ("Softsign", "Swish", "Tanh", "ThresholdedRelu"),
        "activation",
    )
    | dict.fromkeys(("Cast", "Dropout", "Identity"), "pass")
    | dict.fromkeys(
        ("Abs", "Exp", "Log", "MatMul", "Max", "Mean", "Min", "Neg", "Pow")
        + ("Reciprocal", "Sqrt", "Sum", "Where"),
        "pointwise",
    )
    | dict.fromkeys(("Resize", "Upsample"), "resize")
    | dict.fromkeys(("Flatten", "Reshape", "Squeeze", "Unsqueeze"), "reshape")
)
"""From operations to their role, or to a function that describes a node."""
