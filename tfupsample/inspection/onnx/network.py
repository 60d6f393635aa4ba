"""From an ONNX graph to a network of steps."""

import collections
import functools
import math

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.inspection.onnx.graph import BATCH
from tfupsample.inspection.onnx.layout import hand_on
from tfupsample.inspection.onnx.neighbours import note_neighbours
from tfupsample.inspection.onnx.parts import Part, Resamplings
from tfupsample.inspection.onnx.shuffle import chain_to, shuffle_of
from tfupsample.inspection.onnx.steps import fields_of, is_read
from tfupsample.inspection.pictures import pictures_of
from tfupsample.inspection.steps import Network, Step


def network_of(graph):
    """Returns `(network, ends)`: the `Network` of a graph, and its outputs.

    Args:
        graph: A `Graph`.

    Raises:
        UnusableInput: if no shape of an output is known.
    """
    return _Walk(graph).network()


class _Walk:
    """Makes steps of the nodes that lead to the outputs."""

    def __init__(self, graph):
        self._graph = graph
        self._axes = {}
        hand_on(graph, self._axes)
        self._shuffles = self._found_shuffles()
        self._resamplings = Resamplings(graph, self._axes, self._shuffles)
        self._outputs = [output.name for output in graph.model.graph.output]
        self._made = {}  # `(step, index)` by the name of a tensor

    def network(self):
        graph = self._graph
        parts = self._parts()
        hand_on(graph, self._axes)  # parts tell more of them
        inputs = [self._input(name) for name in graph.inputs]
        steps = list(inputs)
        for node, part, fields in reversed(parts):
            steps.append(self._step(node, part, fields))
        note_neighbours(steps)
        ends = [self._made[n][0] for n in self._outputs if n in self._made]
        _check_known(ends, steps)
        dtypes = tuple(np.dtype(d).name for _, d in graph.inputs.values())
        pictures = pictures_of(steps, inputs, ends)
        return Network(steps, inputs, pictures, dtypes), ends

    def _found_shuffles(self):
        """Returns the nodes of depth-to-spaces that are written otherwise.

        Returns:
            `{id: (part, fields)}` by the last node of each, and `None` for the
            others.
        """
        graph, found = self._graph, {}
        makers = {n: node for node in graph.nodes for n in node.output}
        uses = collections.Counter(n for x in graph.nodes for n in x.input)
        uses.update(output.name for output in graph.model.graph.output)
        for node in graph.nodes:
            chain = node.op_type == "Reshape" and chain_to(node, makers, uses)
            shuffle = chain and shuffle_of(graph, chain)
            if shuffle:
                nodes, axes, fields = shuffle
                names = nodes[0].input[0], node.output[0]
                self._axes |= dict(zip(names, axes))
                found |= {id(each): None for each in nodes}
                found[id(node)] = Part(graph, nodes, names[:1]), fields
        return found

    def _parts(self):
        """Returns `(node, part, fields)` of each step, the last one first."""
        needed, parts = set(self._outputs), []
        for node in reversed(self._graph.nodes):
            if needed.isdisjoint(node.output):
                continue
            found = self._shuffles.get(id(node))
            found = found or self._resamplings.part_to(node)
            part, fields = found or (self._alone(node), None)
            parts.append((node, part, fields))
            needed.update(part.names)
        return parts

    def _alone(self, node):
        """Returns the part of one node; the first image comes first."""
        values, shape = self._graph.values, self._graph.shape
        names = [n for n in dict.fromkeys(node.input) if n and n not in values]
        names.sort(key=lambda name: len(shape(name) or ()) < 3)
        return Part(self._graph, [node], names)

    def _input(self, name):
        shape, _ = self._graph.inputs[name]
        batch = self._graph.batch
        if batch and shape:
            # Several samples go through one after the other.
            shape = (math.lcm(batch, BATCH), *shape[1:])
        step = Step(
            name,
            "Input",
            "input",
            spatial=len(shape) > 2,
            shape=shape,
            channel_axis=self._axes.get(name, 1),
        )
        self._made[name] = step, 0
        return step

    def _step(self, node, part, fields):
        sources = [self._made[name] for name in part.names]
        output = node.output[0]
        shape = self._graph.shape(output) or ()
        images = [step for step, _ in sources if step.spatial]
        axis = self._axes.get(output, images[0].channel_axis if images else 1)
        if fields is None:
            fields = fields_of(self._graph, node, images, axis)
        step = Step(
            node.name or output,
            node.op_type,
            sources=tuple(step for step, _ in sources),
            outputs=tuple(index for _, index in sources),
            spatial=len(shape) > 2,
            shape=shape,
            channel_axis=axis,
            call=functools.partial(_called, part, self._graph.batch)
            if is_read(node)
            else None,
            **fields,
        )
        for source in images[:1]:
            # What is cut off here is no border of what came before.
            source.border = max(source.border - part.cut, 0)
        names = (name for name in node.output if name)
        self._made |= {name: (step, i) for i, name in enumerate(names)}
        return step


def _called(part, batch, *arrays):
    """Runs a part on as many samples at a time as the graph takes."""
    samples = max((len(x) for x in arrays if np.ndim(x)), default=0)
    if not batch or samples <= batch:
        return part(*arrays)
    pieces = [
        part(*(x[i : i + batch] if len(x) == samples else x for x in arrays))
        for i in range(0, samples, batch)
    ]
    return [np.concatenate(outputs) for outputs in zip(*pieces)]


def _check_known(ends, steps):
    """Refuses outputs of unknown shape, which must not pass for clean."""
    if not ends or any(step.shape for step in ends):
        return
    kinds = {s.type for s in steps if not s.shape}
    raise UnusableInput(
        "The shape of its output is not known without running it, for these "
        f"operations: {', '.join(sorted(kinds)[:5])}."
    )
