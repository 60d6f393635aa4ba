"""Recognises a depth-to-space that is written as reshapes and a transpose."""

import math

import numpy as np

from tfupsample.inspection.graph_values import MOST
from tfupsample.inspection.hidden_shuffle import possible_strides
from tfupsample.inspection.onnx.windows import attributes_of
from tfupsample.ops.phase_form import depth_to_space

_LONGEST = 8


def chain_to(node, makers, uses):
    """Returns the nodes that only move pixels, up to one, the first first.

    Args:
        node: A `Reshape`.
        makers: `{name: node}` that makes a tensor.
        uses: `{name: count}` of the nodes that take a tensor.
    """
    chain = [node]
    while len(chain) < _LONGEST:
        name = chain[0].input[0]
        before = makers.get(name)
        if before is None or before.op_type not in _MOVING or uses[name] != 1:
            break
        chain.insert(0, before)
    return chain


_MOVING = ("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity")


def shuffle_of(graph, chain):
    """Finds the depth-to-space with which a chain of nodes ends.

    Args:
        graph: A `Graph`.
        chain: The result of `chain_to`.

    Returns:
        `(nodes, axes, fields)`: the nodes of the shuffle, the channel axes of
        its input and output, and fields of its `Step`; or `None`.
    """
    for start in range(len(chain) - 2, -1, -1):
        nodes = chain[start:]
        if not any(node.op_type == "Transpose" for node in nodes):
            continue
        found = _tried(graph, nodes)
        if found:
            return nodes, *found
    return None


def _tried(graph, nodes):
    before = graph.shape(nodes[0].input[0])
    after = graph.shape(nodes[-1].output[0])
    if not before or not after or len(before) != len(after):
        return None
    if len(before) < 3 or math.prod(before) > MOST:
        return None
    x = np.arange(math.prod(before), dtype="int32").reshape(before)
    y = None
    for source in (1, -1):
        for target in (1, -1):
            last = np.moveaxis(x, source, -1)
            sizes = np.moveaxis(np.empty(after, bool), target, -1).shape
            for strides in possible_strides(last.shape, sizes, -1):
                y = _moved(graph, nodes, x) if y is None else y
                phases_last = _order(last, np.moveaxis(y, target, -1), strides)
                if phases_last is not None:
                    return (source, target), {
                        "role": "shuffle",
                        "strides": strides,
                        "factor": max(strides),
                        "phases_last": phases_last,
                    }
    return None


def _order(x, y, strides):
    """Returns whether a shuffle has the phases last; `None` if it is none."""
    phases = math.prod(strides)
    for phases_last in (False, True):
        given = x
        if phases_last:
            split = x.reshape(*x.shape[:-1], -1, phases)
            given = np.swapaxes(split, -1, -2).reshape(x.shape)
        if np.array_equal(np.asarray(depth_to_space(given, strides)), y):
            return phases_last
    return None


def _moved(graph, nodes, x):
    for node in nodes:
        if node.op_type == "Transpose":
            x = np.transpose(x, attributes_of(node).get("perm"))
        else:
            x = x.reshape(graph.shape(node.output[0]))
    return x
