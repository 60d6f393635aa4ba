"""Values in a graph that depend on no input, computed by numpy.

The shapes of tensors are known beforehand, so nothing is computed that would
not fit into memory, such as a constant that is tiled 40,000 times.
"""

import math

import numpy as np

from tfupsample.inspection.graph_indices import axes_of, slices_of
from tfupsample.model_files.graph import constant

MOST = 1 << 24
"""The largest number of elements of a value that is computed."""
MOST_TOGETHER = 1 << 26

_ELEMENTWISE = {
    "Abs": np.abs,
    "Add": np.add,
    "AddV2": np.add,
    "BiasAdd": np.add,
    "Exp": np.exp,
    "FloorDiv": np.floor_divide,
    "FloorMod": np.mod,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "Mul": np.multiply,
    "Neg": np.negative,
    "Pow": np.power,
    "RealDiv": np.divide,
    "Reciprocal": np.reciprocal,
    "Rsqrt": lambda x: 1 / np.sqrt(x),
    "SelectV2": np.where,
    "Sqrt": np.sqrt,
    "Square": np.square,
    "Sub": np.subtract,
}
_REDUCTIONS = {
    "Max": np.max,
    "Mean": np.mean,
    "Min": np.min,
    "Prod": np.prod,
    "Sum": np.sum,
}


def _cast(node, x):
    import tensorflow as tf

    kind = tf.dtypes.as_dtype(node.attr["DstT"].type)
    return np.asarray(x).astype(kind.as_numpy_dtype)


def _reduce(node, x, axes):
    kept = node.attr["keep_dims"].b
    return _REDUCTIONS[node.op](x, axes_of(axes), keepdims=kept)


def _squeeze(node, x):
    return np.squeeze(x, tuple(node.attr["squeeze_dims"].list.i) or None)


def _unpack(node, x):
    return list(np.moveaxis(x, node.attr["axis"].i, 0))


_OTHERS = {
    "BroadcastTo": lambda node, x, shape: np.broadcast_to(x, shape),
    "Cast": _cast,
    "ConcatV2": lambda node, *x: np.concatenate(x[:-1], int(x[-1])),
    "ExpandDims": lambda node, x, axis: np.expand_dims(x, int(axis)),
    "Fill": lambda node, shape, x: np.full(shape, x),
    "GatherV2": lambda node, x, at, axis: np.take(x, at, int(axis)),
    "OnesLike": lambda node, x: np.ones_like(x),
    "Pack": lambda node, *x: np.stack(x, node.attr["axis"].i),
    "Range": lambda node, *limits: np.arange(*limits),
    "Reshape": lambda node, x, shape: np.reshape(x, shape),
    "ReverseV2": lambda node, x, axes: np.flip(x, axes_of(axes)),
    "Slice": lambda node, x, *window: x[slices_of(node, window)],
    "Split": lambda node, axis, x: np.split(
        x, node.attr["num_split"].i, int(axis)
    ),
    "Squeeze": _squeeze,
    "StridedSlice": lambda node, x, *window: x[slices_of(node, window)],
    "Tile": lambda node, x, times: np.tile(x, times),
    "Transpose": lambda node, x, axes: np.transpose(x, axes),
    "Unpack": _unpack,
    "ZerosLike": lambda node, x: np.zeros_like(x),
} | dict.fromkeys(_REDUCTIONS, _reduce)
_PASSING = ("Identity", "IdentityN", "PreventGradient", "StopGradient")
_OF_SHAPES = {
    "Rank": len,
    "Shape": lambda shape: shape,
    "Size": math.prod,
}


_STORED = ("Const", "ReadVariableOp", "VarHandleOp", "VariableV2")
_COMPUTED = {*_ELEMENTWISE, *_OTHERS, *_PASSING}


def weights_of(nodes):
    """Returns the nodes that depend on no input: weights, sizes and the like.

    Args:
        nodes: `Node`s, each after those of its inputs.
    """
    weights = set()
    for node in nodes:
        if (
            node.op in _STORED
            or node.op in _OF_SHAPES
            or node.op in _COMPUTED
            and node.inputs
            and all(t.node in weights for t in node.inputs)
        ):
            weights.add(node)
    return weights


class Values:
    """Computes values when they are needed, each once.

    Args:
        variables: `Variables`.
    """

    def __init__(self, variables):
        self._variables = variables
        self._left = MOST_TOGETHER

    def of(self, tensor):
        """Returns the array of a tensor; `None` if it is not known."""
        stack = [tensor.node]
        while stack:
            node = stack[-1]
            waiting = [
                source.node
                for source in self._needed(node)
                if source.node.values is None
            ]
            stack += waiting
            if not waiting:
                stack.pop()
                if node.values is None:
                    node.values = self._compute(node)
        return _held(tensor)

    def _needed(self, node):
        return node.inputs if node.op in _COMPUTED else ()

    def _compute(self, node):
        """Returns the values of all outputs; none if one cannot be computed."""
        if node.op in _OF_SHAPES:
            shape = node.inputs[0].shape
            value = None if shape is None else _OF_SHAPES[node.op](shape)
            return [value if value is None else np.asarray(value, "int64")]
        if node.op == "Const":
            return [constant(node.attr, MOST)]
        if node.op in ("ReadVariableOp", "VariableV2"):
            source = node.inputs[0].node if node.inputs else node
            return [self._variables.read(source)]
        given = [_held(tensor) for tensor in self._needed(node)]
        if not given or any(value is None for value in given):
            return []
        return given if node.op in _PASSING else self._apply(node, given)

    def _apply(self, node, given):
        sizes = [MOST if s is None else math.prod(s) for s in node.shapes]
        self._left -= sum(sizes)
        if not sizes or max(sizes) >= MOST or self._left < 0:
            return []
        try:
            with np.errstate(all="ignore"):
                if node.op in _ELEMENTWISE:
                    return [_ELEMENTWISE[node.op](*given)]
                values = _OTHERS[node.op](node, *given)
        # Graphs may hold anything; a value that cannot be computed is unknown.
        except Exception:
            return []
        return values if isinstance(values, list) else [values]


def _held(tensor):
    values = tensor.node.values
    return values[tensor.output] if tensor.output < len(values) else None
