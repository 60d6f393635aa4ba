"""Shapes and constants of an ONNX graph, found without running it on images.

Each operation's own rule says what shapes it makes of the shapes and sizes that
it takes. What depends on no input, such as weights and the sizes of images, is
computed, unless it is too large.
"""

import dataclasses
import math

import numpy as np
import onnx
from onnx import numpy_helper

from tfupsample.inspection.graph_values import MOST, MOST_TOGETHER
from tfupsample.inspection.onnx.run import Runner

BATCH = 8
"""Samples where the model takes any number of them."""

_RANDOM = (
    *("RandomNormal", "RandomUniform", "RandomNormalLike"),
    *("RandomUniformLike", "Multinomial", "Bernoulli"),
)
# Operations that have no rule.
_SAME = ("GroupNormalization", "MeanVarianceNormalization")
# Larger arrays are weights, of which no shape depends.
_MOST_OF_A_SHAPE = 1 << 10
_NO_TYPE = onnx.TypeProto()


@dataclasses.dataclass(frozen=True)
class Graph:
    """A graph whose shapes are known as far as they can be.

    Attributes:
        model: The `onnx.ModelProto`.
        inputs: `{name: (shape, numpy dtype)}` of what is given to the model.
        batch: The number of samples that it takes; `None` if it takes any.
        nodes: The nodes that depend on the inputs, in the order of computing.
        types: `{name: onnx.TypeProto}` of the tensors.
        values: `{name: array}` of what does not depend on the inputs.
        runner: A `Runner`.
    """

    model: onnx.ModelProto
    inputs: dict
    batch: int | None
    nodes: list
    types: dict
    values: dict
    runner: Runner

    def shape(self, name):
        """Returns the shape of a tensor; `None` if it is not known."""
        return _shape(self.types.get(name, _NO_TYPE))


def read_graph(model, side):
    """Returns the `Graph` of a model.

    Args:
        model: The `onnx.ModelProto` of `model_files.onnx_file.read_onnx`.
        side: Pixels along each axis that the model leaves open.
    """
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    given = [i for i in model.graph.input if i.name not in values]
    graph = Graph(
        model,
        {i.name: _known(i.type.tensor_type, side) for i in given},
        _declared_batch(given),
        [],
        {},
        values,
        Runner(model),
    )
    for name, (shape, dtype) in graph.inputs.items():
        graph.types[name] = _type_of(shape, dtype)
    _Reader(graph).read()
    return graph


def _declared_batch(given):
    batches = [
        i.type.tensor_type.shape.dim[0].dim_value
        for i in given
        if len(i.type.tensor_type.shape.dim) > 1
    ]
    return max(batches, default=0) or None


def _known(kind, side):
    """Returns the shape, with numbers for open sizes, and the dtype."""
    dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
    sizes = [d.dim_value for d in kind.shape.dim]
    shape = [n or (side if axis else BATCH) for axis, n in enumerate(sizes)]
    return tuple(shape), dtype


def _type_of(shape, dtype):
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return onnx.helper.make_tensor_type_proto(kind, shape)


def _shape(kind):
    tensor = kind.tensor_type
    if not tensor.HasField("shape"):
        return None
    sizes = [
        d.dim_value if d.HasField("dim_value") else -1 for d in tensor.shape.dim
    ]
    return None if -1 in sizes else tuple(sizes)


class _Reader:
    """Goes through the nodes of a model once, and fills a `Graph`."""

    def __init__(self, graph):
        self._graph = graph
        self._left = MOST_TOGETHER
        described = (*graph.model.graph.value_info, *graph.model.graph.output)
        self._declared = {info.name: info.type for info in described}
        for name, value in graph.values.items():
            graph.types[name] = _type_of(value.shape, value.dtype)

    def read(self):
        for node in self._graph.model.graph.node:
            for name, kind in self._inferred(node).items():
                self._graph.types[name] = kind
            if not self._fold(node):
                self._graph.nodes.append(node)

    def _inferred(self, node):
        """Returns `{name: TypeProto}` of the outputs of a node."""
        types, values = self._graph.types, self._graph.values
        if node.op_type in _SAME and node.input[0] in types:
            return {node.output[0]: types[node.input[0]]}
        try:
            schema = onnx.defs.get_schema(
                node.op_type, self._version(node.domain), node.domain
            )
            found = onnx.shape_inference.infer_node_outputs(
                schema,
                node,
                {n: types[n] for n in node.input if n in types},
                {
                    n: numpy_helper.from_array(values[n], n)
                    for n in node.input
                    if n in values and values[n].size <= _MOST_OF_A_SHAPE
                },
                opset_imports=list(self._graph.model.opset_import),
            )
        # Graphs may hold anything; a shape that does not fit is unknown.
        except Exception:
            found = {}
        return {
            name: found[name]
            if _shape(found.get(name, _NO_TYPE)) is not None
            else self._declared.get(name, _NO_TYPE)
            for name in node.output
        }

    def _version(self, domain):
        return next(
            o.version
            for o in self._graph.model.opset_import
            if o.domain == domain
        )

    def _fold(self, node):
        """Computes a node that depends on no input; returns whether it did."""
        graph = self._graph
        if node.op_type in ("Shape", "Size"):
            return self._fold_shape(node)
        given = [name for name in node.input if name]
        if node.op_type in _RANDOM or any(n not in graph.values for n in given):
            return False
        shapes = [graph.shape(name) for name in node.output if name]
        if None in shapes or any(a.HasField("g") for a in node.attribute):
            return False
        sizes = [math.prod(shape) for shape in shapes]
        self._left -= sum(sizes)
        if max(sizes, default=0) > MOST or self._left < 0:
            return False
        constants = {name: graph.values[name] for name in given}
        try:
            found = graph.runner.session(node, constants)()
        # Graphs may hold anything; a value that cannot be computed is unknown.
        except Exception:
            return False
        graph.values.update(zip(filter(None, node.output), found))
        return True

    def _fold_shape(self, node):
        shape = self._graph.shape(node.input[0])
        if shape is None:
            return False
        places = {a.name: a.i for a in node.attribute}
        part = shape[places.get("start", 0) : places.get("end", len(shape))]
        value = part if node.op_type == "Shape" else math.prod(shape)
        self._graph.values[node.output[0]] = np.asarray(value, "int64")
        return True
