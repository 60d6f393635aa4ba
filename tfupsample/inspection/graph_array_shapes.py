"""Output shapes of operations on arrays; see `graph_shapes`.

Each rule takes a node, the shapes of its inputs, and their values by index.
"""

import itertools
import math

import numpy as np

from tfupsample.inspection.graph_indices import axes_of, slices_of

_MOST_OUTPUTS = 10**4


def _reshape(node, given, known):
    shape, size = list(known[1]), math.prod(given[0])
    if -1 in shape:
        shape[shape.index(-1)] = size // -math.prod(map(int, shape))
    return shape if math.prod(map(int, shape)) == size else None


def _view_rule(view):
    """Returns a rule that asks numpy, with an array that takes no memory."""

    def rule(node, given, known):
        array = np.broadcast_to(np.int8(0), given[0])
        more = [known[i] for i in range(1, len(node.inputs))]
        return view(node, array, *more).shape

    return rule


def _concatenated(node, given, known):
    *shapes, _ = given
    axis = int(known[len(shapes)])
    shape = list(shapes[0])
    shape[axis] = sum(s[axis] for s in shapes)
    return shape


def _packed(node, given, known):
    shape, axis = list(given[0]), node.attr["axis"].i
    at = axis if axis >= 0 else len(shape) + 1 + axis
    return (*shape[:at], len(given), *shape[at:])


def _unpacked(node, given, known):
    shape = list(given[0])
    count = shape.pop(node.attr["axis"].i)
    return [tuple(shape)] * min(count, _MOST_OUTPUTS)


def _split(node, given, known):
    shape, count = list(given[1]), node.attr["num_split"].i
    shape[int(known[0])] //= count
    return [tuple(shape)] * min(count, _MOST_OUTPUTS)


def _split_unevenly(node, given, known):
    shapes = []
    for size in known[1]:
        shape = list(given[0])
        shape[int(known[2])] = size
        shapes.append(tuple(shape))
    return shapes


def _gathered(node, given, known):
    axis = int(known[2]) if len(given) > 2 else 0
    return (*given[0][:axis], *given[1], *given[0][axis:][1:])


def _reduced(node, given, known):
    kept = node.attr["keep_dims"].b
    array = np.broadcast_to(np.int8(0), given[0])
    axes = {axis % array.ndim for axis in axes_of(known[1])}
    return [
        1 if axis in axes else size
        for axis, size in enumerate(array.shape)
        if kept or axis not in axes
    ]


def _product(node, given, known):
    (*batch_a, m, k), (*batch_b, p, n) = given
    rows = node.attr["transpose_a"].b or node.attr["adj_x"].b
    columns = node.attr["transpose_b"].b or node.attr["adj_y"].b
    batch = np.broadcast_shapes(tuple(batch_a), tuple(batch_b))
    return (*batch, k if rows else m, p if columns else n)


def _summed(node, given, known):
    terms, result = node.attr["equation"].s.decode().split("->")
    letters = itertools.chain(*terms.split(","))
    sizes = dict(zip(letters, itertools.chain(*given)))
    return [sizes[letter] for letter in result]


def _range(node, given, known):
    start, limit, delta = (known[i] for i in range(3))
    return [max(math.ceil((limit - start) / delta), 0)]


def _filled(node, given, known):
    return known[0]


RULES = {
    "BatchMatMulV2": _product,
    "BroadcastTo": lambda node, given, known: known[1],
    "ConcatV2": _concatenated,
    "Einsum": _summed,
    "ExpandDims": _view_rule(lambda _, x, axis: np.expand_dims(x, int(axis))),
    "Fill": _filled,
    "GatherV2": _gathered,
    "MatMul": _product,
    "Pack": _packed,
    "RandomStandardNormal": _filled,
    "RandomUniform": _filled,
    "Range": _range,
    "Rank": lambda node, given, known: (),
    "Reshape": _reshape,
    "Shape": lambda node, given, known: (len(given[0]),),
    "Size": lambda node, given, known: (),
    "Slice": _view_rule(lambda node, x, *at: x[slices_of(node, at)]),
    "Squeeze": _view_rule(
        lambda node, x: np.squeeze(
            x, tuple(node.attr["squeeze_dims"].list.i) or None
        )
    ),
    "StatelessRandomNormalV2": _filled,
    "StatelessRandomUniformV2": _filled,
    "StridedSlice": _view_rule(lambda node, x, *at: x[slices_of(node, at)]),
    "Tile": lambda node, given, known: np.multiply(given[0], known[1]),
    "Transpose": _view_rule(lambda _, x, axes: np.transpose(x, axes)),
} | dict.fromkeys(("Max", "Mean", "Min", "Prod", "Sum"), _reduced)
SEVERAL = {"Split": _split, "SplitV": _split_unevenly, "Unpack": _unpacked}
"""Rules of operations with a list of outputs."""
