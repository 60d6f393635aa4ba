"""From a Keras model to the networks of steps inside it.

Models are traced anew on symbolic images of known size, and so are the models
and composite layers inside them: functional, sequential and subclassed ones
take the same way, and the shapes say what resizes.
"""

import collections
import re

import keras

from tfupsample.inspection.keras_steps import description_of, step_of
from tfupsample.inspection.steps import Network, Step

SIDES = (64, 256)
"""Pixels a side where a model does not say; the first that it can take."""

# A network whose output is smaller than this share of its input is taken to
# compute features, not pictures.
_SMALLEST_PICTURE = 0.5


def networks_of(model):
    """Returns the networks of a model.

    Usually one. A model whose `call` cannot be traced, as it draws random
    numbers or is missing, is taken apart: one network for each model that it
    holds, one for each layer.

    Args:
        model: A built `keras.Model`.

    Raises:
        ValueError: if the shape of its input is not known.
    """
    for shapes in _input_shapes(model):
        inputs = [keras.Input(batch_shape=s) for s in shapes]
        sources = [Step(t.name, "InputLayer", "input") for t in inputs]
        for source, shape in zip(sources, shapes):
            source.spatial = len(shape) > 2
        steps = list(sources)
        arguments = (inputs if len(inputs) > 1 else inputs[0],)
        outputs = _trace(model, arguments, {}, inputs, sources, "", steps)
        if outputs is not None:
            return [_network(steps, sources, shapes, outputs)]
    return _parts(model)


def _network(steps, sources, shapes, outputs):
    side = max((_side(s) for s in shapes if len(s) > 2), default=1)
    pictures = [
        step
        for step, shape in outputs
        if step.spatial and _side(shape) >= _SMALLEST_PICTURE * side
    ]
    return Network(steps, [s for s in sources if s.spatial], pictures)


def _parts(model):
    """Networks of what a model holds, each by itself."""
    networks = []
    for layer in _held(model):
        if isinstance(layer, keras.Model) and layer.built:
            parts = networks_of(layer)
            for step in (s for part in parts for s in part.steps):
                step.path = f"{layer.name}/{step.path}"
            networks += parts
        elif description_of(layer):
            step = step_of(layer, layer.name, [], (None,) * 4)
            networks.append(Network([step], [], [step]))
        else:
            networks += _parts(layer)
    return networks


def _trace(layer, args, kwargs, inputs, sources, prefix, steps):
    """Appends what a call does to `steps`.

    Returns:
        `(step, shape)` of each output; `None` if the call cannot be traced.
    """
    try:
        outputs = keras.tree.flatten(layer.call(*args, **kwargs))
    # The code of others, on symbols that it may not expect, raises anything.
    except Exception:
        return None
    if not all(keras.backend.is_keras_tensor(t) for t in outputs):
        return None
    made = {id(t): step for t, step in zip(inputs, sources)}
    nodes = [node for node in _nodes(outputs) if not node.is_input]
    for node, name in zip(nodes, _names(nodes)):
        made |= _walk_node(node, made, f"{prefix}{name}", steps)
    if any(id(t) not in made for t in outputs):
        return None
    return [(made[id(t)], t.shape) for t in outputs]


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
    """Returns the step of each tensor that a node makes."""
    operation = node.operation
    sources = [made[id(t)] for t in node.input_tensors]
    shapes = [t.shape for t in node.input_tensors]
    inner = _inside(node, sources, path, steps)
    if inner is None:
        step = step_of(
            operation, path, list(zip(sources, shapes)), node.outputs[0].shape
        )
        steps.append(step)
        inner = [step] * len(node.outputs)
    return {id(t): step for t, step in zip(node.outputs, inner)}


def _inside(node, sources, path, steps):
    """Steps of the outputs of a model or composite layer, traced; or `None`."""
    operation = node.operation
    if description_of(operation) or not _held(operation):
        return None
    fresh = [
        keras.Input(batch_shape=t.shape, dtype=t.dtype)
        for t in node.input_tensors
    ]
    given = {id(t): f for t, f in zip(node.input_tensors, fresh)}
    args, kwargs = node.arguments.fill_in(given)
    found = []
    outputs = _trace(operation, args, kwargs, fresh, sources, f"{path}/", found)
    if outputs is None:
        return None
    steps += found
    return [step for step, _ in outputs]


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


def _input_shapes(model):
    """Shapes of all inputs, once for each of `SIDES`."""
    shape = getattr(model, "input_shape", None)
    if shape is None:
        shape = (model.get_build_config() or {}).get("input_shape")
    if not shape:
        raise ValueError(
            "`model` must be built: call it on data first. "
            f"Received: {model.name!r}"
        )
    shapes = shape if isinstance(shape[0], (list, tuple)) else [shape]
    return [
        [(s[0], *(n or side for n in s[1:-1]), s[-1]) for s in shapes]
        for side in SIDES
    ]


def _side(shape):
    return max(shape[1:-1])
