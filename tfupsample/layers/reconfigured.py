"""Copies of models whose layers are configured otherwise."""

from collections.abc import Callable
from typing import Any

import keras


def reconfigured(
    model: keras.Model, change: Callable[[str, Any], Any]
) -> keras.Model:
    """Returns a copy of a model with other settings and new weights.

    Args:
        model: A functional or sequential `keras.Model`; it is not changed.
        change: A function from the name and value of a setting to its new
            value. It sees all settings of all layers, also of those inside
            others.

    Raises:
        ValueError: if the model is subclassed, so that Keras cannot copy it.
    """

    def copied(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):  # not a bare operation
            config = _changed(config, change)
        return layer.from_config(config)

    return keras.models.clone_model(
        model, clone_function=copied, recursive=True
    )


def _changed(config, change):
    if isinstance(config, list):
        return [_changed(item, change) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        name: _changed(change(name, value), change)
        for name, value in config.items()
    }
