"""Copies of networks in another precision."""

import keras

from tfupsample.pretrained.weights import copy_weights


def in_float32(model):
    """Returns an uncompiled copy of a functional model in float32.

    A model that was trained in 16 bits then computes in the precision of its
    weights, which matters most for gradients with respect to its input.
    """

    def layer_in_float32(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):  # not a bare operation
            config = _in_float32(config)
        return layer.from_config(config)

    copy = keras.models.clone_model(
        model, clone_function=layer_in_float32, recursive=True
    )
    copy_weights(model, copy)
    # Without the optimizer, which a copy takes over.
    return keras.Model(copy.input, copy.output, name=model.name)


def _in_float32(config):
    """Changes the configuration of a layer, and of all layers inside it."""
    if isinstance(config, list):
        return [_in_float32(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        name: "float32" if name == "dtype" else _in_float32(value)
        for name, value in config.items()
    }
