"""Changes nodes of an ONNX model; what becomes useless goes."""

import onnx
from onnx import numpy_helper

_LEAST_FORMAT = 4  # before it, each stored array had to be an input too


def copy_of(model):
    """Returns a copy of a model to which stored arrays can be added."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.ir_version = max(copy.ir_version, _LEAST_FORMAT)
    return copy


def replace_nodes(model, new):
    """Replaces nodes in place, and drops what no output needs any more.

    Args:
        model: The `onnx.ModelProto`.
        new: `{output: (nodes, arrays)}` by the first output of a node: the
            nodes that take its place, of which the last has the same output,
            and `{name: array}` of what they add to the stored ones.
    """
    graph = model.graph
    nodes = []
    for node in graph.node:
        instead, arrays = new.get(node.output[0], ([node], {}))
        nodes += instead
        graph.initializer.extend(
            numpy_helper.from_array(array, name)
            for name, array in arrays.items()
        )
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(nodes):
        if not needed.isdisjoint(node.output):
            kept.append(node)
            needed.update(_names_taken(node))
    _keep(graph.node, reversed(kept))
    stored = {tensor.name for tensor in graph.initializer}
    _keep(
        graph.input,
        [x for x in graph.input if x.name in needed or x.name not in stored],
    )
    for group in (graph.initializer, graph.value_info):
        _keep(group, [x for x in group if x.name in needed])
    _keep(
        graph.sparse_initializer,
        [x for x in graph.sparse_initializer if x.values.name in needed],
    )


def _names_taken(node):
    """Yields the tensors that a node takes, in its branches and loops too."""
    yield from node.input
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            yield from (output.name for output in graph.output)
            for inner in graph.node:
                yield from _names_taken(inner)


def _keep(group, kept):
    kept = list(kept)
    del group[:]
    group.extend(kept)
