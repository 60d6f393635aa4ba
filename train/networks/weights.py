"""Weights from one network to another of the same architecture."""

import re

import keras


def in_float32(model):
    """Returns an uncompiled copy of a functional model, all in float32.

    So that a model trained in 16 bits gives what uses it, gradients with
    respect to its input above all, the precision of its weights.
    """

    def layer_in_float32(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):  # and not a bare operation
            config = _in_float32(config)
        return layer.from_config(config)

    copy = keras.models.clone_model(
        model, clone_function=layer_in_float32, recursive=True
    )
    copy_weights(model, copy)
    # Without the optimizer, which a copy takes over.
    return keras.Model(copy.input, copy.output, name=model.name)


def _in_float32(config):
    """The configuration of a layer, and of all layers that it holds."""
    if isinstance(config, list):
        return [_in_float32(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        name: "float32" if name == "dtype" else _in_float32(value)
        for name, value in config.items()
    }


def copy_weights(source, target):
    """Sets the weights of a network to those of another.

    Layers are matched in the order of their creation, which the numbers in
    their names keep and copies of a network may not.

    Args:
        source: A built `keras.Model`.
        target: Another that the same code built, perhaps of another dtype.

    Raises:
        ValueError: if layers or shapes differ; nothing is set then.
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
    """All layers with weights of their own, in the order of their creation."""
    leaves = []
    for layer in sorted(model.layers, key=_creation):
        if isinstance(layer, keras.Model):
            leaves += _layers(layer)
        elif layer.weights:
            leaves.append(layer)
    return leaves


def _creation(layer):
    """`dense` before `dense_1` before `dense_10`."""
    stem, number = re.fullmatch(r"(.*?)(?:_(\d+))?", layer.name).groups()
    return stem, int(number or 0)


def _shapes(layer):
    return [tuple(weight.shape) for weight in layer.weights]
