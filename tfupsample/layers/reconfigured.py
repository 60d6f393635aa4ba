"""Copies of models, some with layers that are configured otherwise."""

from __future__ import annotations

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

    return cloned(model, clone_function=copied, recursive=True)


def cloned(model: keras.Model, **arguments: Any) -> keras.Model:
    """Returns what `keras.models.clone_model` does, but uncompiled.

    Losses, metrics and schedules of a user's own are only known to the program
    that compiled the model, and would end the copying.
    """
    layers = model._flatten_layers()
    compiled = [layer for layer in layers if getattr(layer, "compiled", False)]
    try:
        for one in compiled:
            one.compiled = False
        return keras.models.clone_model(model, **arguments)
    finally:
        for one in compiled:
            one.compiled = True


def _changed(config, change):
    if isinstance(config, list):
        return [_changed(item, change) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        name: _changed(change(name, value), change)
        for name, value in config.items()
    }
