"""The graph of a SavedModel as plain nodes: functions inlined, nothing run."""

import dataclasses
import math
from typing import Any, NamedTuple

STEPS = 1_000_000
"""The largest number of nodes and references to follow, so that functions that
call one another over and over end in an error message."""

_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_CALL_STEPS = 10
_DEPTH = 100  # levels of functions inside functions


class Tensor(NamedTuple):
    """One output of a node."""

    node: "Node"
    output: int

    @property
    def shape(self):
        """A tuple of sizes, or `None` if it is not known."""
        shapes = self.node.shapes
        return shapes[self.output] if self.output < len(shapes) else None


@dataclasses.dataclass(eq=False, slots=True)
class Node:
    """One operation.

    Attributes:
        name: Its name, after those of the functions around it.
        op: What it does, such as `"Conv2D"`.
        attr: Its attributes, as protocol buffers.
        inputs: Its input `Tensor`s; `None` until they are known.
        shapes: The shapes of its outputs, from `inspection.graph_shapes`.
        values: The values of its outputs, from `inspection.graph_values`.
    """

    name: str
    op: str
    attr: Any
    inputs: list | None = None
    shapes: list = dataclasses.field(default_factory=list)
    values: list | None = None


class Graph:
    """Follows references through the functions of a `GraphDef`.

    Args:
        definition: The `GraphDef`.
    """

    def __init__(self, definition):
        self._functions = {
            f.signature.name: f for f in definition.library.function
        }
        self._bodies = {}
        self._steps = 0
        self.top = _Frame({n.name: n for n in definition.node})

    def nodes(self, names):
        """Returns the nodes from which tensors are computed, and the tensors.

        Args:
            names: Names of tensors at the top, such as `"call:0"`.

        Returns:
            `(nodes, tensors)`; each node comes after those of its inputs.

        Raises:
            ValueError: if the graph is damaged, has a cycle, or is too large.
        """
        ends = [self.resolve(self.top, name) for name in names]
        order, stack = [], [(*end[:2], False) for end in reversed(ends)]
        while stack:
            frame, definition, inputs_done = stack.pop()
            node = frame.made.get(definition.name)
            if inputs_done:
                node.inputs = self._inputs(frame, definition)
                order.append(node)
            elif node is None:
                name = frame.prefix + definition.name
                node = Node(name, definition.op, definition.attr)
                frame.made[definition.name] = node
                stack.append((frame, definition, True))
                for name in reversed(_data(definition)):
                    stack.append((*self.resolve(frame, name)[:2], False))
            elif node.inputs is None:
                raise ValueError("its graph has a cycle")
        return order, [Tensor(f.made[d.name], i) for f, d, i in ends]

    def _inputs(self, frame, definition):
        sources = [self.resolve(frame, name) for name in _data(definition)]
        return [Tensor(f.made[d.name], index) for f, d, index in sources]

    def resolve(self, frame, reference):
        """Returns `(frame, definition, index)` of the node behind a reference.

        It enters calls, and follows arguments of functions to the caller.
        """
        while True:
            self._count()
            name, _, rest = reference.partition(":")
            if name in frame.arguments:
                frame, reference = frame.arguments[name]
                continue
            if name not in frame.body:
                raise ValueError(f"its graph lacks the node {name!r}")
            definition = frame.body[name]
            index = _output_index(definition.op, rest)
            inner = self.enter(frame, definition)
            if inner is None:
                return frame, definition, index
            frame, reference = inner, inner.results[index]

    def enter(self, frame, definition):
        """Returns the frame of the function that a node calls, or `None`."""
        called = (
            definition.attr["f"].func.name
            if definition.op in _CALLS
            else definition.op
        )
        function = self._functions.get(called)
        if function is None:
            return None
        if definition.name not in frame.inner:
            self._count(_CALL_STEPS)
            if called not in self._bodies:
                self._bodies[called] = {n.name: n for n in function.node_def}
            frame.inner[definition.name] = _Frame(
                self._bodies[called], function, definition, frame
            )
        return frame.inner[definition.name]

    def _count(self, steps=1):
        self._steps += steps
        if self._steps > STEPS:
            raise ValueError(
                "its graph is too large once functions are inlined"
            )


class _Frame:
    """One call of a function; without a function, the top of a graph."""

    def __init__(self, body, function=None, call=None, caller=None):
        self.body = body
        self.made = {}
        self.inner = {}
        self.arguments = {}
        self.results = []
        self.prefix = ""
        self.depth = 0
        if function is not None:
            self._call(function, call, caller)

    def _call(self, function, call, caller):
        signature = function.signature
        self.depth = caller.depth + 1
        if self.depth > _DEPTH:
            raise ValueError("its functions call one another too deep")
        # Exporters wrap the graph in calls that nobody named.
        hidden = "PartitionedCall" in call.name
        self.prefix = caller.prefix + ("" if hidden else f"{call.name}/")
        self.arguments = {
            argument.name: (caller, name)
            for argument, name in zip(signature.input_arg, _data(call))
        }
        self.results = [
            function.ret[result.name] for result in signature.output_arg
        ]


def _data(definition):
    """Returns the inputs that are tensors; the others only order nodes."""
    return [name for name in definition.input if not name.startswith("^")]


def _output_index(op, rest):
    """Returns the index in `""`, `"1"` or `"output:1"`, after a node's name."""
    output, _, index = rest.rpartition(":")
    # Operations whose outputs have several names; the first is the result.
    if op.startswith("FusedBatchNorm") and output not in ("", "y"):
        return 1
    return int(index or 0)


def constant(attr, most):
    """Returns the array of a `Const`; `None` if it is too large.

    A constant may store one element and declare any shape.

    Args:
        attr: The attributes of the node.
        most: The largest number of elements.
    """
    import tensorflow as tf

    tensor = attr["value"].tensor
    if math.prod(d.size for d in tensor.tensor_shape.dim) > most:
        return None
    return tf.make_ndarray(tensor)
