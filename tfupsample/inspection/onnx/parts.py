"""Several nodes of an ONNX graph that are one step.

Exporters write the padding of an image as slices and concatenations, and
resizing as sums of moved copies. What such nodes do together is tried out on
flat images: if each channel keeps its colour, they pad, crop, turn or resize.
"""

import math

import numpy as np

from tfupsample.inspection.steps import spatial_sizes

_MOVING = frozenset(
    """
    Concat Expand Flatten Gather Identity Reshape Slice Split Squeeze Tile
    Transpose Unsqueeze
    """.split()
)
_LINEAR = _MOVING | {"Add", "Cast", "Div", "Mul", "Pad", "Sub", "Sum"}
_MOST = 500  # nodes of a part
_MOST_PIXELS = 1 << 26  # of what is tried out
_NEAR = 0.1  # what a ramp may bend near a border, in steps


class Part:
    """Nodes that are run one after the other.

    Args:
        graph: A `Graph`.
        nodes: The nodes, each after those of its inputs.
        names: The names of the tensors that they take.

    Attributes:
        cut: Pixels that they cut off an image, on each side.
    """

    def __init__(self, graph, nodes, names):
        self.nodes, self.names, self.cut = nodes, names, 0
        self._runs = [_run_of(graph, node) for node in nodes]

    def __call__(self, *arrays):
        """Returns the outputs of the last node."""
        made = dict(zip(self.names, map(np.asarray, arrays)))
        for node, (run, needed) in zip(self.nodes, self._runs):
            found = run(*(made[name] for name in needed))
            made |= zip(filter(None, node.output), found)
        return found


def _run_of(graph, node):
    given = [n for n in dict.fromkeys(node.input) if n]
    constants = {n: graph.values[n] for n in given if n in graph.values}
    needed = [n for n in given if n not in constants]
    return graph.runner.session(node, constants), needed


class Resamplings:
    """Finds the parts of a graph that keep flat colours.

    Args:
        graph: A `Graph`.
        axes: `{name: channel axis}` as far as they are known.
        barriers: `id`s of nodes that are steps of their own.
    """

    def __init__(self, graph, axes, barriers):
        self._graph, self._axes, self._barriers = graph, axes, barriers
        self._makers = {n: node for node in graph.nodes for n in node.output}
        self._place = {id(node): i for i, node in enumerate(graph.nodes)}

    def part_to(self, node):
        """Returns `(part, fields)` of a part that ends with a node.

        `fields` are some of its `Step`. The result is `None` if there is no
        such part.
        """
        if len([n for n in node.output if n]) != 1:
            return None
        # The largest part says most, unless it holds something else too.
        for kinds in (_LINEAR, _MOVING):
            if not self._is_of(node, kinds):
                continue
            part = self._closure(node, kinds)
            fields = part and self._fields(part)
            if fields:
                return part, fields
        return None

    def _is_of(self, node, kinds):
        if id(node) in self._barriers or node.domain:
            return False
        if node.op_type == "Pad" and not self._pads(node):
            return True
        if node.op_type in ("Add", "Sub", "Mul", "Div"):
            return node.op_type in kinds and self._is_linear(node)
        return node.op_type in kinds

    def _pads(self, node):
        widths = self._graph.values.get((*node.input, "", "")[1])
        return widths is None or np.any(widths)

    def _is_linear(self, node):
        """Returns whether the known operand, if any, is alike for channels."""
        values, output = self._graph.values, self._graph.shape(node.output[0])
        known = [values[n] for n in node.input if n in values]
        if not known:
            return node.op_type in ("Add", "Sub")
        axis = self._axes.get(node.output[0])
        shape = (1,) * (len(output or ()) - known[0].ndim) + known[0].shape
        return known[0].size == 1 or axis is None or shape[axis] == 1

    def _closure(self, node, kinds):
        """Returns the `Part` back to the only tensor that it is made of."""
        nodes, sources, stack = {}, set(), [node]
        while stack:
            each = stack.pop()
            if id(each) in nodes:
                continue
            nodes[id(each)] = each
            if (
                math.prod(self._graph.shape(each.output[0]) or ())
                > _MOST_PIXELS
            ):
                return None
            for name in each.input:
                if not name or name in self._graph.values:
                    continue
                before = self._makers.get(name)
                if before is not None and self._is_of(before, kinds):
                    stack.append(before)
                else:
                    sources.add(name)
            if len(sources) > 1 or len(nodes) > _MOST:
                return None
        ordered = sorted(nodes.values(), key=lambda n: self._place[id(n)])
        return Part(self._graph, ordered, list(sources)) if sources else None

    def _fields(self, part):
        """Returns the fields of a part; `None` if it changes flat colours."""
        source, target = part.names[0], part.nodes[-1].output[0]
        before, after = self._graph.shape(source), self._graph.shape(target)
        if not before or not after or len(before) != len(after):
            return None
        if len(before) < 3 or before[0] != after[0]:
            return None
        for first in self._possible(source):
            x = _moved(np.arange(1.0, before[first] + 1), before, first)
            y = _tried(part, x)
            for last in self._possible(target, first):
                if y is not None and _is_flat(y, after, last, before[first]):
                    return self._described(part, first, last)
        return None

    def _possible(self, name, likely=1):
        known = self._axes.get(name)
        return (known,) if known else (likely, -likely)

    def _described(self, part, first, last):
        source, target = part.names[0], part.nodes[-1].output[0]
        self._axes.setdefault(source, first)
        self._axes.setdefault(target, last)
        sizes = spatial_sizes(self._graph.shape(source), first)
        shape = self._graph.shape(source)
        seen = [
            _what_is_seen(part, shape, axis, first, last)
            for axis in range(len(sizes))
        ]
        part.cut = min(_cut(s, n) for s, n in zip(seen, sizes))
        factors = [_factor(s, n) for s, n in zip(seen, sizes)]
        factor = math.prod(factors) ** (1 / len(factors))
        if factor == 1:
            return {"role": "pass", "factor": 1.0}
        whole = all(float(f).is_integer() for f in factors)
        strides = tuple(map(int, factors)) if whole else ()
        return {"role": "resize", "factor": factor, "strides": strides}


def _what_is_seen(part, shape, axis, first, last):
    """Returns the place in the input of each pixel, along a spatial axis.

    Args:
        part: A `Part` that keeps flat colours.
        shape: The shape of its input.
        axis: The spatial axis, from 0.
        first: The channel axis of its input.
        last: The channel axis of its output.
    """
    place = axis + (2 if first == 1 else 1)
    y = _tried(part, _moved(np.arange(float(shape[place])), shape, place))
    if y is None:
        return np.arange(float(shape[place]))
    y = np.moveaxis(np.moveaxis(y, last, -1), axis + 1, 0)
    return y.reshape(len(y), -1)[:, 0]


def _cut(seen, size):
    """Returns the pixels of an input that are cut off on both sides."""
    return max(round(min(seen.min(), size - 1 - seen.max())), 0)


def _factor(seen, size):
    """Returns how many pixels each pixel becomes along an axis."""
    if size == 1:
        return float(len(seen))
    return max(_steps_in(seen, size), key=lambda found: found[0])[1]


def _steps_in(seen, size):
    """Yields `(share, factor)`: of the pixels that follow in such steps.

    Args:
        seen: What became of the numbers from 0 to `size - 1`.
        size: The number of pixels.
    """
    for apart in range(1, 2 * math.ceil(len(seen) / size) + 1):
        if apart < len(seen):
            steps = seen[apart:] - seen[:-apart]
            yield np.isclose(steps, 1, atol=_NEAR).mean(), float(apart)
    for step in range(2, math.ceil(size / len(seen)) + 1):
        steps = seen[1:] - seen[:-1]
        if steps.size:
            yield np.isclose(steps, step, atol=_NEAR).mean(), 1 / step


def _tried(part, x):
    try:
        (y,) = part(x)
    # Nodes may refuse the trial in any way.
    except Exception:
        return None
    return y


def _moved(line, shape, axis):
    """Returns an image with these numbers along one axis, flat along others."""
    sizes = [1] * len(shape)
    sizes[axis] = len(line)
    return np.broadcast_to(line.reshape(sizes), shape).astype("float32")


def _is_flat(y, shape, axis, channels):
    if y.shape != tuple(shape) or shape[axis] != channels:
        return False
    colours = _moved(np.arange(1.0, channels + 1), shape, axis)
    return np.allclose(y, colours, rtol=1e-4)
