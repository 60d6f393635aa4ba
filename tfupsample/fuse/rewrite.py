"""Rebuilds the graph of a model, with resizes put off as far as possible.

A resize is not done where it stands: what follows is given an `Enlarged`, the
map and what is still to be done to it. What commutes with the resize is done to
the map, a convolution takes the resize into itself, and anything else has the
map enlarged as it was before. So nothing but the convolutions is exchanged.
"""

import collections
import dataclasses
import math

import keras

from tfupsample.errors import UnusableInput
from tfupsample.fuse import convolutions
from tfupsample.fuse.commuting import commutes
from tfupsample.fuse.enlarged import Enlarged, NotFused, padded, resized
from tfupsample.fuse.resizes import padding_of, resize_of
from tfupsample.inspection.keras_graph import calls_to, graph_inside


@dataclasses.dataclass(frozen=True)
class Pair:
    """A resize and a convolution that became one, or changed places.

    Attributes:
        resize: The path of the resize; of several in a row, the last.
        convolution: The path of the convolution.
        scale: How often each spatial axis is enlarged.
        interpolation: `"nearest"` or `"bilinear"`.
        arithmetic: Multiply-adds of the convolution now, over those before.
    """

    resize: str
    convolution: str
    scale: tuple
    interpolation: str
    arithmetic: float


class Rewriting:
    """Rebuilds a model and the models inside it.

    Attributes:
        pairs: The `Pair`s, in the order of computing.
        left: `(path, reason)` of resizes and convolutions that stay.
    """

    def __init__(self):
        self.pairs = []
        self.left = []
        self._done = {}  # layers that hold others, by identity
        self._replaced = set()  # identities of weights that were taken over

    def model(self, model):
        """Returns the model with its layers, but for those that are fused.

        Args:
            model: A functional or sequential model.

        Raises:
            UnusableInput: if it has no graph.
        """
        graph = graph_inside(model)
        if graph is None:
            raise UnusableInput(
                f"The model {model.name!r} is of a class of its own "
                f"({type(model).__name__}), without a graph in which layers "
                "can be exchanged. Build it with the functional interface."
            )
        return self._rebuilt(model, graph, "")

    def _rebuilt(self, layer, graph, prefix, given=None):
        """Returns a functional model of the graph inside a layer.

        Args:
            layer: The layer or model.
            graph: The result of `graph_inside`.
            prefix: The beginning of all paths inside.
            given: What it will be called on; symbols by default. Those that
                are `Enlarged` are enlarged inside.
        """
        symbols = keras.tree.flatten(graph[0])
        values, fresh = {}, []
        for symbol, value in zip(symbols, given or symbols):
            lazy = isinstance(value, Enlarged)
            like = value.low if lazy else symbol
            fresh.append(
                keras.Input(
                    batch_shape=like.shape, dtype=like.dtype, name=symbol.name
                )
            )
            values[id(symbol)] = value.on(fresh[-1]) if lazy else fresh[-1]
        calls = calls_to(graph[1])
        users = _users(calls, graph[1])
        for call in calls:
            taken = [values[id(t)] for t in call.inputs]
            made = self._made(call, f"{prefix}{call.name}", taken, users)
            values.update(zip(map(id, call.outputs), made))
        outputs = keras.tree.map_structure(
            lambda t: _full(values[id(t)]), graph[1]
        )
        inputs = keras.tree.pack_sequence_as(graph[0], fresh)
        rebuilt = keras.Model(inputs, outputs, name=layer.name)
        if not layer.trainable:
            rebuilt.trainable = False
        return rebuilt

    def _made(self, call, path, taken, users):
        """Returns what a call makes: symbols, or an `Enlarged`."""
        reason = ""
        try:
            made = self._put_off(call, path, taken)
            if made is None and convolutions.is_convolution(call.operation):
                made = self._fused(call, path, taken[0], users)
            if made is not None:
                return made
        except NotFused as error:
            reason = str(error)
        made = self._inside(call, path, taken, users)
        if made is None:
            self._note_left(call, path, taken, reason)
            made = call.again([_full(x) for x in taken])
        return made

    def _put_off(self, call, path, taken):
        """Returns an `Enlarged` if the call is, or commutes with, a resize."""
        if resize := resize_of(call):
            return [resized(taken[0], *resize, call, path)]
        first = taken[0] if taken else None
        if not isinstance(first, Enlarged):
            return None
        if padding := padding_of(call):
            found = padded(first, *padding, call)
            return found and [found]
        if not all(first.alike(x) for x in taken) or not commutes(call, taken):
            return None
        if convolutions.is_convolution(call.operation):
            self._note(call, path, first, 1 / math.prod(first.scale))
        return [first.on(y) for y in call.again([x.low for x in taken])]

    def _fused(self, call, path, x, users):
        """Returns the output of a convolution that enlarges, or `None`."""
        if not isinstance(x, Enlarged):
            return None
        layer = call.operation
        if users[id(layer)] > 1:
            raise NotFused("it is called several times, not always like this")
        layers = convolutions.fused(layer, x)
        ratio = convolutions.arithmetic_ratio(layer, x)
        if ratio > convolutions.MOST_ARITHMETIC[x.interpolation]:
            raise NotFused(
                f"with {ratio:.3g} times the arithmetic it would be no faster"
            )
        self._note(call, path, x, ratio)
        self._replaced.update(map(id, layer.weights))
        y = x.low
        for new in layers:
            y = new(y)
        return [y]

    def _note(self, call, path, x, ratio):
        scale, _, _ = convolutions.on_space(call.operation, x)
        self.pairs.append(
            Pair(x.resize, path, tuple(scale), x.interpolation, ratio)
        )

    def _note_left(self, call, path, taken, reason):
        """Notes why a call is as before, where a resize has to do with it."""
        kind = type(call.operation).__name__
        notes = [(path, reason)] if reason else []
        if not reason:
            notes = [
                (x.resize, f"{path} ({kind}) follows and needs the large map")
                for x in taken
                if isinstance(x, Enlarged)
            ]
        self.left += [note for note in notes if note not in self.left]

    def _inside(self, call, path, taken, users):
        """Returns what a rewritten model makes; `None` if it stays."""
        layer = call.operation
        once = users[id(layer)] == 1
        if not once:
            taken = [_full(x) for x in taken]
        if id(layer) not in self._done:
            self._done[id(layer)] = self._part(call, path, taken, once)
        rewritten = self._done[id(layer)]
        if rewritten is None:
            return None
        given = [x.low if isinstance(x, Enlarged) else x for x in taken]
        args, kwargs = call.arguments(given)
        if not _is_model(layer):  # it was traced with its other arguments
            args, kwargs = (given,), {}
        return keras.tree.flatten(rewritten(*args, **kwargs))

    def _part(self, call, path, taken, once):
        """Returns a layer that holds others, rewritten, or `None`."""
        layer, start = call.operation, len(self.pairs)
        if not (_is_model(layer) or once):  # its calls may differ
            return None
        graph = graph_inside(layer, call)
        if graph is None:
            return None
        rebuilt = self._rebuilt(layer, graph, f"{path}/", taken)
        if len(self.pairs) == start:
            return None
        kept = {id(w) for w in rebuilt.weights} | self._replaced
        if not kept.issuperset(map(id, layer.weights)):
            del self.pairs[start:]
            self.left.append((path, "it has weights beside its layers"))
            return None
        return rebuilt


def _is_model(layer):
    return bool(getattr(layer, "inputs", None))


def _full(x):
    return x.full if isinstance(x, Enlarged) else x


def _users(calls, outputs):
    """Counts who takes each symbol, and how often each operation is called."""
    users = collections.Counter(id(call.operation) for call in calls)
    users.update(id(t) for call in calls for t in call.inputs)
    users.update(id(t) for t in keras.tree.flatten(outputs))
    return users
