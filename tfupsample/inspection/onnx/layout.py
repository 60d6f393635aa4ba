"""Where the tensors of an ONNX graph have their channels.

Convolutions and their like are channels first. Around them exporters turn
images, so that an image may be channels last elsewhere, as in networks of
TensorFlow. What keeps the order of the axes hands it on, in both directions.
"""

import onnx

_FIRST = frozenset(
    """
    AveragePool BatchNormalization Conv ConvTranspose DepthToSpace
    GlobalAveragePool GlobalMaxPool GridSample GroupNormalization
    InstanceNormalization LRN LpPool MaxPool SpaceToDepth Upsample
    """.split()
)
_MIXING = ("Einsum", "Flatten", "MatMul", "Gemm", "Reshape")


def hand_on(graph, axes):
    """Completes the channel axes of the tensors of a graph.

    Args:
        graph: A `Graph`.
        axes: `{name: axis}`, 1 or -1, as far as it is known; gets the others
            that can be told.
    """
    rules = [rule for node in graph.nodes for rule in _rules(graph, node, axes)]
    changed = True
    while changed:
        changed = False
        for ordered in (rules, reversed(rules)):
            for one, other, perm in ordered:
                changed |= _hand_on(axes, one, other, perm)
                changed |= _hand_on(axes, other, one, perm and _inverse(perm))


def _rules(graph, node, axes):
    """Yields `(input, output, perm)` of images, and notes what is known."""
    output = node.output[0]
    if node.op_type in _FIRST:
        axes[node.input[0]] = axes[output] = 1
    shape = graph.shape(output)
    if shape is None or len(shape) < 3 or node.op_type in _MIXING:
        return
    if node.op_type == "Resize":
        _note_resize(graph.shape(node.input[0]), shape, node, axes)
    for name in node.input:
        before = graph.shape(name)
        dynamic = name not in graph.values
        if dynamic and before is not None and len(before) == len(shape):
            yield name, output, _permutation(node, len(shape))


def _note_resize(before, after, node, axes):
    """Notes the one of two axes along which a resize changes nothing."""
    kept = [axis for axis in (1, -1) if before and before[axis] == after[axis]]
    if len(kept) == 1:
        axes[node.input[0]] = axes[node.output[0]] = kept[0]


def _permutation(node, rank):
    """Returns which axis of the input each axis of the output was."""
    if node.op_type != "Transpose":
        return None
    for attribute in node.attribute:
        if attribute.name == "perm":
            return tuple(onnx.helper.get_attribute_value(attribute))
    return tuple(reversed(range(rank)))


def _hand_on(axes, source, target, perm):
    """Hands an axis on to another tensor; returns whether that is new."""
    axis = axes.get(source)
    if axis is None or target in axes:
        return False
    if perm:
        place = perm.index(axis % len(perm))
        if place not in (1, len(perm) - 1):
            return False
        axis = 1 if place == 1 else -1
    axes[target] = axis
    return True


def _inverse(perm):
    return tuple(perm.index(axis) for axis in range(len(perm)))
