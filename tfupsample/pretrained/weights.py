"""Weights from one network to another of the same architecture."""

import re

import keras


def copy_weights(source, target):
    """Sets the weights of a network to those of another.

    Layers are matched in the order of their creation. The numbers in their
    names keep that order; copies of a network may not.

    Args:
        source: A built `keras.Model`.
        target: Another network that the same code built, in any dtype.

    Raises:
        ValueError: if layers or shapes differ; then nothing is set.
    """
    pairs = list(zip(_layers(source), _layers(target)))
    shapes = [
        [_shapes(layer) for layer in _layers(m)] for m in (source, target)
    ]
    if shapes[0] != shapes[1]:
        differing = [
            f"{a.name}: {_shapes(a)} for {b.name}: {_shapes(b)}"
            for a, b in pairs
            if _shapes(a) != _shapes(b)
        ]
        raise ValueError(
            f"The weights of {source.name} do not fit {target.name}: "
            f"{len(shapes[0])} layers for {len(shapes[1])}"
            + "".join(f"; {words}" for words in differing[:1])
        )
    for layer, other in pairs:
        other.set_weights(layer.get_weights())


def _layers(model):
    """Returns all layers with weights, in the order of their creation."""
    leaves = []
    for layer in sorted(model.layers, key=_creation):
        if isinstance(layer, keras.Model):
            leaves += _layers(layer)
        elif layer.weights:
            leaves.append(layer)
    return leaves


def _creation(layer):
    """Sorts `dense` before `dense_1` before `dense_10`."""
    stem, number = re.fullmatch(r"(.*?)(?:_(\d+))?", layer.name).groups()
    return stem, int(number or 0)


def _shapes(layer):
    return [tuple(weight.shape) for weight in layer.weights]
