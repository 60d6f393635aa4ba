"""Output shapes of operations on images; see `graph_shapes`.

Each rule takes a node, the shapes of its inputs, and their values by index.
"""

import math

import numpy as np


def spatial_axes(node, rank):
    """Returns the axes along which an operation on images works."""
    first = node.attr["data_format"].s.startswith(b"NC")
    return range(2, rank) if first else range(1, rank - 1)


def window(node, name):
    """Returns an attribute along the spatial axes, such as strides."""
    numbers = list(node.attr[name].list.i)
    if not numbers:
        return None
    return tuple(numbers[i] for i in spatial_axes(node, len(numbers)))


def _channel_axis(node):
    return 1 if node.attr["data_format"].s.startswith(b"NC") else -1


def _slid(node, shape, kernel):
    """Returns the shape after sliding a window of `kernel` taps."""
    strides = window(node, "strides")
    dilations = window(node, "dilations") or [1] * len(strides)
    shape = list(shape)
    axes = spatial_axes(node, len(shape))
    explicit = list(node.attr["explicit_paddings"].list.i)
    for axis, k, s, d in zip(axes, kernel, strides, dilations):
        size = shape[axis] + sum(explicit[2 * axis : 2 * axis + 2])
        if node.attr["padding"].s != b"SAME":
            size -= (k - 1) * d
        shape[axis] = -(-size // s)
    return shape


def _convolution(node, given, known):
    image, kernel = given[:2]
    shape = _slid(node, image, kernel[:-2])
    depthwise = node.op == "DepthwiseConv2dNative"
    channels = kernel[-2] * kernel[-1] if depthwise else kernel[-1]
    shape[_channel_axis(node)] = channels
    return shape


def _transposed(node, given, known):
    return known[0]


def _pool(node, given, known):
    return _slid(node, given[0], window(node, "ksize"))


def _shuffle(node, given, known):
    shape, block = list(given[0]), node.attr["block_size"].i
    up = node.op == "DepthToSpace"
    axes = spatial_axes(node, len(shape))
    for axis in axes:
        shape[axis] = shape[axis] * block if up else shape[axis] // block
    channel, area = _channel_axis(node), block ** len(axes)
    shape[channel] = shape[channel] // area if up else shape[channel] * area
    return shape


def _resize(node, given, known):
    batch, *_, channels = given[0]
    return (batch, *known[1], channels)


def _pad(node, given, known):
    return np.asarray(given[0]) + np.sum(known[1], axis=1)


def _space_to_batch(node, given, known):
    batch, *shape = given[0]
    for i, (block, pads) in enumerate(zip(known[1], known[2])):
        shape[i] = (shape[i] + sum(pads)) // block
    return (batch * math.prod(map(int, known[1])), *shape)


def _batch_to_space(node, given, known):
    batch, *shape = given[0]
    for i, (block, crops) in enumerate(zip(known[1], known[2])):
        shape[i] = shape[i] * block - sum(crops)
    return (batch // math.prod(map(int, known[1])), *shape)


RULES = {
    "AvgPool": _pool,
    "AvgPool3D": _pool,
    "BatchToSpaceND": _batch_to_space,
    "Conv2D": _convolution,
    "Conv2DBackpropInput": _transposed,
    "Conv3D": _convolution,
    "Conv3DBackpropInputV2": _transposed,
    "DepthToSpace": _shuffle,
    "DepthwiseConv2dNative": _convolution,
    "MaxPool": _pool,
    "MaxPool3D": _pool,
    "MirrorPad": _pad,
    "Pad": _pad,
    "PadV2": _pad,
    "ResizeArea": _resize,
    "ResizeBicubic": _resize,
    "ResizeBilinear": _resize,
    "ResizeNearestNeighbor": _resize,
    "ScaleAndTranslate": _resize,
    "SpaceToBatchND": _space_to_batch,
    "SpaceToDepth": _shuffle,
}
