"""Output shapes of the nodes of a graph, found without running them.

To find shapes, TensorFlow would compute parts of the graph, and so run what
its author put there.
"""

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.inspection import graph_array_shapes, graph_image_shapes

_SAME = frozenset(
    """
    Abs Cast Ceil CheckNumerics ClipByValue Cos Cumsum Elu EnsureShape Erf Erfc
    Exp Expm1 FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars Floor Identity
    IsFinite IsNan LRN LeakyRelu Log Log1p LogSoftmax LogicalNot Neg OnesLike
    PreventGradient Reciprocal Relu Relu6 ReverseV2 Roll Round Rsqrt Selu
    Sigmoid Sign Sin Softmax Softplus Softsign Sqrt Square StopGradient Tanh
    ZerosLike
    """.split()
)
_BROADCASTING = frozenset(
    """
    Add AddN AddV2 BiasAdd Div DivNoNan Equal FloorDiv FloorMod Greater
    GreaterEqual Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mul
    MulNoNan NotEqual Pow RealDiv Select SelectV2 SquaredDifference Sub Xdivy
    """.split()
)
_MOST_AXES = 32


def infer(node, values):
    """Fills `node.shapes`; an output of unknown shape gets `None`.

    Args:
        node: A `Node` whose inputs have been inferred.
        values: The `Values`, for shapes that depend on values.

    Raises:
        UnusableInput: for strides that are not positive.
    """
    if node.shapes:  # an input of the model
        return
    for name in ("strides", "dilations", "ksize"):
        if min(node.attr[name].list.i or [1]) < 1:
            raise UnusableInput(
                f"The node {node.name} has {name} that are not positive."
            )
    try:
        node.shapes = [_valid(shape) for shape in _shapes(node, values)]
    # Graphs may hold anything; a shape that does not fit is unknown.
    except Exception:
        node.shapes = [None]


def _valid(shape):
    if shape is None:
        return None
    shape = tuple(int(n) for n in shape)
    return (
        shape
        if len(shape) <= _MOST_AXES and min(shape, default=0) >= 0
        else None
    )


def _shapes(node, values):
    given = [tensor.shape for tensor in node.inputs]
    if node.op == "IdentityN":
        return given
    if node.op in _SAME:
        return given[:1]
    if node.op in _BROADCASTING:
        return [np.broadcast_shapes(*given)]
    known = _Known(node, values)
    if node.op in graph_array_shapes.SEVERAL:
        return graph_array_shapes.SEVERAL[node.op](node, given, known)
    if node.op.startswith("FusedBatchNorm"):
        return [given[0], *[given[1]] * 5]
    return (
        [_RULES[node.op](node, given, known)] if node.op in _RULES else [None]
    )


class _Known:
    """The known values of a node's inputs."""

    def __init__(self, node, values):
        self._inputs, self._values = node.inputs, values

    def __getitem__(self, index):
        value = self._values.of(self._inputs[index])
        if value is None:
            raise LookupError
        return value


def _declared(node, name="shape"):
    return tuple(d.size for d in node.attr[name].shape.dim)


def _constant(node, given, known):
    return tuple(d.size for d in node.attr["value"].tensor.tensor_shape.dim)


def _read(node, given, known):
    return _declared(node.inputs[0].node)


_RULES = (
    graph_array_shapes.RULES
    | graph_image_shapes.RULES
    | {
        "Const": _constant,
        "ReadVariableOp": _read,
        "VariableV2": lambda node, given, known: _declared(node),
    }
)
