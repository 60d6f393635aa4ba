"""From a Keras model to the networks of steps inside it.

Models are traced on symbolic images of known size, and so are the models and
composite layers inside them: functional, sequential and subclassed ones take
the same way, and the shapes say what resizes.

This is the only module that touches private attributes of Keras: `Call`,
`graph_inside`, `_held`, `_node`, `_source_of`, `input_shapes`, `is_told_sizes`
and `unchanged` do. The tests say which versions it was tried on.
"""

import collections
import contextlib
import dataclasses
import re
from typing import Any

import keras
from keras import ops

from tfupsample.inspection.cut_steps import upsampling_steps
from tfupsample.inspection.keras_inputs import as_declared, given_inputs
from tfupsample.inspection.keras_steps import description_of, step_of
from tfupsample.inspection.pictures import pictures_of
from tfupsample.inspection.steps import Network, Step
from tfupsample.layers.upsampling_base import UpsamplingBase

SIDES = (64, 256)
"""Pixels a side where a model does not say; the first that it can take."""


def layers_inside(model):
    """Yields `(path, layer)` of every layer inside, each layer once."""
    seen = set()

    def inside(layer, prefix):
        for child in _held(layer):
            if id(child) not in seen:
                seen.add(id(child))
                path = f"{prefix}{child.name}"
                yield path, child
                yield from inside(child, f"{path}/")

    return inside(model, "")


def channel_axis(layer):
    """Returns 1 or -1: where a layer, or most of a model, has its channels."""
    formats = [getattr(layer, "data_format", None)]
    formats += [
        getattr(inner, "data_format", None) for _, inner in layers_inside(layer)
    ]
    return 1 if "channels_first" in formats else -1


def input_shapes(layer):
    """Returns the shapes of the first input of a layer, one for each call."""
    return {node.input_tensors[0].shape for node in layer._inbound_nodes}


def is_told_sizes(layer):
    """Returns whether a call of an upsampling gives it `size` or `like`."""
    return any(
        len(node.input_tensors) > 1 or node.arguments.kwargs.get("size")
        for node in layer._inbound_nodes
    )


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a layer or operation in the graph of a model.

    Attributes:
        name: Of the layer or operation.
        node: The call, as Keras keeps it.
    """

    name: str
    node: Any

    @property
    def operation(self):
        """The layer or operation."""
        return self.node.operation

    @property
    def inputs(self):
        """The symbols that it takes."""
        return self.node.input_tensors

    @property
    def outputs(self):
        """The symbols that it makes."""
        return self.node.outputs

    def arguments(self, tensors):
        """Returns `(args, kwargs)` with other tensors for `inputs`."""
        keys = [id(t) for t in self.inputs]
        return self.node.arguments.fill_in(dict(zip(keys, tensors)))

    def again(self, tensors):
        """Calls the operation on other tensors; returns a list of outputs."""
        args, kwargs = self.arguments(tensors)
        return keras.tree.flatten(self.operation(*args, **kwargs))


def calls_to(outputs):
    """Returns the `Call`s that lead to symbols, in the order of computing."""
    nodes = [n for n in _nodes(keras.tree.flatten(outputs)) if not n.is_input]
    return [Call(name, node) for name, node in zip(_names(nodes), nodes)]


def graph_inside(layer, call=None):
    """Returns the symbols between which a layer computes.

    Args:
        layer: A functional or sequential model, or a layer that holds others.
        call: A `Call` of it, which the latter needs.

    Returns:
        `(inputs, outputs)`, nested as the layer has them; of a layer that is
        not a model, `inputs` is a list of what the call takes. `None` if it
        holds no layers or cannot be traced.
    """
    graph = getattr(layer, "_functional", None) or layer
    if hasattr(graph, "operations"):
        return graph.input, graph.output
    if call is None or description_of(layer) or not _held(layer):
        return None
    fresh = [_as_cast(layer, t) for t in call.inputs]
    args, kwargs = call.arguments(fresh)
    try:
        outputs = layer.call(*args, **kwargs)
    # The code of others, on symbols that it may not expect, raises anything.
    except Exception:
        return None
    flat = keras.tree.flatten(outputs)
    if not all(keras.backend.is_keras_tensor(t) for t in flat):
        return None
    return fresh, outputs


def _as_cast(layer, tensor):
    """A fresh symbol, of the dtype to which a layer casts what it is given."""
    cast = layer.autocast and keras.backend.is_float_dtype(tensor.dtype)
    dtype = layer.compute_dtype if cast else tensor.dtype
    return keras.Input(batch_shape=tensor.shape, dtype=dtype)


@contextlib.contextmanager
def unchanged(model):
    """Undoes what calling a model inside this context leaves in it.

    Symbolic calls add nodes to layers and operations; random layers count.
    """
    operations = {id(model): model}
    for layer in [model, *(layer for _, layer in layers_inside(model))]:
        # A Sequential keeps its graph in a functional model of its own.
        graph = getattr(layer, "_functional", None) or layer
        for operation in (layer, graph, *getattr(graph, "operations", ())):
            operations[id(operation)] = operation
    nodes = [
        (nodes, len(nodes))
        for operation in operations.values()
        for nodes in (operation._inbound_nodes, operation._outbound_nodes)
    ]
    weights = set(map(id, model.weights))
    counters = [v for v in model.variables if id(v) not in weights]
    values = [ops.copy(counter) for counter in counters]
    try:
        yield
    finally:
        for found, count in nodes:
            del found[count:]
        for counter, value in zip(counters, values):
            counter.assign(value)


def networks_of(model):
    """Returns the networks of a model, which is left as it was.

    Usually one. A model whose `call` cannot be traced, as it draws random
    numbers or is missing, is taken apart: one network for each model that it
    holds, one for each layer.

    Args:
        model: A built `keras.Model`.

    Raises:
        ValueError: if the shape of its input is not known.
    """
    with unchanged(model):
        return _networks(model)


def _networks(model):
    for side in SIDES:
        args, kwargs = given_inputs(model, side)
        inputs = keras.tree.flatten((args, kwargs))
        axis = channel_axis(model)
        sources = [_input_step(tensor, axis) for tensor in inputs]
        steps = list(sources)
        outputs = _trace(
            model, args, kwargs, inputs, [(s, 0) for s in sources], "", steps
        )
        if outputs is not None:
            network = _network(model, steps, sources, inputs, outputs)
            reached = {id(step.layer) for step in steps}
            return [network, *_unread(model, reached)]
    return _parts(model)


def _input_step(tensor, axis):
    return Step(
        tensor.name,
        "InputLayer",
        "input",
        spatial=len(tensor.shape) > 2,
        shape=tuple(tensor.shape),
        channel_axis=axis if len(tensor.shape) > 3 else -1,
    )


def _network(model, steps, sources, inputs, outputs):
    pictures = pictures_of(steps, sources, [step for step, _ in outputs])
    dtypes = tuple(keras.backend.standardize_dtype(t.dtype) for t in inputs)
    return Network(steps, sources, pictures, dtypes, model)


def _parts(model):
    """Networks of what a model holds, each by itself."""
    networks = []
    for layer in _held(model):
        if isinstance(layer, keras.Model) and layer.built:
            networks += _inside_of(layer)
        elif not description_of(layer):
            networks += _parts(layer)
        elif layer.built:
            step = step_of(layer, layer.name, [], ())
            networks.append(Network([step], [], [step]))
    return networks


def _unread(model, reached):
    """Networks of what the trace of a model did not look into.

    These are layers whose own call cannot be traced, and models that it holds
    and does not call, such as a generator beside a discriminator.
    """
    networks = []
    for layer in _held(model):
        inside = {id(inner) for _, inner in layers_inside(layer)}
        if description_of(layer):
            continue
        if id(layer) in reached:
            networks += _parts(layer)
        elif inside & reached:
            networks += _unread(layer, reached)
        elif isinstance(layer, keras.Model) and layer.built:
            networks += _inside_of(layer)
    return networks


def _inside_of(model):
    """Networks of a model that another one holds."""
    networks = _networks(model)
    for step in (s for network in networks for s in network.steps):
        step.path = f"{model.name}/{step.path}"
    return networks


def _trace(layer, args, kwargs, inputs, sources, prefix, steps):
    """Appends what a call does to `steps`.

    Returns:
        `(step, index)` of each output; `None` if the call cannot be traced.
    """
    try:
        outputs = keras.tree.flatten(layer.call(*args, **kwargs))
    # The code of others, on symbols that it may not expect, raises anything.
    except Exception:
        return None
    return _steps_to(outputs, inputs, sources, prefix, steps)


def _steps_to(outputs, inputs, sources, prefix, steps):
    """Appends the calls that lead from inputs to outputs."""
    if not all(keras.backend.is_keras_tensor(t) for t in outputs):
        return None
    made = {id(t): source for t, source in zip(inputs, sources)}
    nodes = [node for node in _nodes(outputs) if not node.is_input]
    for node, name in zip(nodes, _names(nodes)):
        made |= _walk_node(node, made, f"{prefix}{name}", steps)
    if any(id(t) not in made for t in outputs):
        return None
    return [made[id(t)] for t in outputs]


def _names(nodes):
    """Names of layers; those of operations would grow with every trace."""
    count = collections.Counter()
    for node in nodes:
        name = node.operation.name
        if not isinstance(node.operation, keras.layers.Layer):
            kind = type(node.operation).__name__
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
            count[name] += 1
            name += f"_{count[name] - 1}" if count[name] > 1 else ""
        yield name


def _walk_node(node, made, path, steps):
    """Returns `{id: (step, index)}` of each tensor that a node makes."""
    sources = [_source_of(t, made, path, steps) for t in node.input_tensors]
    if isinstance(node.operation, UpsamplingBase):
        before, after = node.input_tensors[0].shape, node.outputs[0].shape
        steps += upsampling_steps(
            node.operation, path, sources[0], before, after
        )
        return {id(node.outputs[0]): (steps[-1], 0)}
    inner = _inside(node, sources, path, steps)
    if inner is None:
        step = step_of(
            node.operation,
            path,
            sources,
            tuple(node.outputs[0].shape),
            _call_of(node),
        )
        steps.append(step)
        inner = [(step, i) for i in range(len(node.outputs))]
    return {id(t): step for t, step in zip(node.outputs, inner)}


def _source_of(tensor, made, path, steps):
    """The `(step, index)` that makes a tensor.

    A functional model that is given an axis too few or too many passes its
    adjusted tensor off as the one that it was given.
    """
    if id(tensor) not in made:
        given = _node(tensor).outputs[tensor._keras_history.tensor_index]
        step, index = made[id(given)]
        adjusted = Step(
            f"{path}/rank",
            "Reshape",
            "reshape",
            (step,),
            (index,),
            spatial=len(tensor.shape) > 2,
            shape=tuple(tensor.shape),
            channel_axis=step.channel_axis,
            call=lambda x: [ops.reshape(x, (-1, *tensor.shape[1:]))],
        )
        steps.append(adjusted)
        made[id(tensor)] = adjusted, 0
    return made[id(tensor)]


def _call_of(node):
    """A function from the arrays that a node takes to those that it makes."""
    keys = [id(t) for t in node.input_tensors]

    def call(operation, *arrays):
        args, kwargs = node.arguments.fill_in(dict(zip(keys, arrays)))
        return keras.tree.flatten(operation(*args, **kwargs))

    return call


def _inside(node, sources, path, steps):
    """Steps of the outputs of a model or composite layer, traced; or `None`."""
    operation = node.operation
    if isinstance(operation, keras.layers.TimeDistributed):
        return _frames(node, sources, path, steps)
    if description_of(operation) or not _held(operation):
        return None
    fresh = [
        keras.Input(batch_shape=t.shape, dtype=t.dtype)
        for t in node.input_tensors
    ]
    given = {id(t): f for t, f in zip(node.input_tensors, fresh)}
    args, kwargs = node.arguments.fill_in(given)
    args = as_declared(operation, args)
    found = []
    outputs = _trace(operation, args, kwargs, fresh, sources, f"{path}/", found)
    if outputs is None:
        return None
    steps += found
    return outputs


def _frames(node, sources, path, steps):
    """Steps of a layer that is applied to each frame of a film."""
    film = node.input_tensors[0]
    frame = keras.Input(
        batch_shape=(film.shape[0] * film.shape[1], *film.shape[2:]),
        dtype=film.dtype,
    )
    to_frames = Step(
        f"{path}/to_frames",
        "Reshape",
        "frames",
        *zip(*sources[:1]),
        spatial=len(frame.shape) > 2,
        shape=tuple(frame.shape),
        call=lambda x: [ops.reshape(x, (-1, *x.shape[2:]))],
    )
    outputs = keras.tree.flatten(node.operation.layer(frame))
    found = [to_frames]
    made = _steps_to(outputs, [frame], [(to_frames, 0)], f"{path}/", found)
    if made is None:
        return None
    (last, index), film_step = made[0], sources[0][0]
    to_film = Step(
        f"{path}/to_film",
        "Reshape",
        "frames",
        (last, film_step),
        (index, sources[0][1]),
        spatial=len(node.outputs[0].shape) > 2,
        shape=tuple(node.outputs[0].shape),
        call=lambda y, x: [ops.reshape(y, (*x.shape[:2], *y.shape[1:]))],
    )
    steps += [*found, to_film]
    return [(to_film, 0)]


def _nodes(tensors):
    """The calls that make the tensors, in the order of computing."""
    order, seen = [], set()
    stack = [(_node(t), False) for t in reversed(tensors)]
    while stack:
        node, complete = stack.pop()
        if complete:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack += [(parent, False) for parent in node.parent_nodes]
    return order


def _node(tensor):
    operation, index, _ = tensor._keras_history
    return operation._inbound_nodes[index]


def _held(operation):
    """Layers directly inside a layer; none in an operation."""
    if not isinstance(operation, keras.layers.Layer):
        return []
    return list(operation._flatten_layers(include_self=False, recursive=False))
