"""Models whose resize-convolutions are computed as they are defined."""

import keras

_COMPUTED_OTHERWISE = ("auto", "phase")


def in_plain_form(model: keras.Model) -> keras.Model:
    """Returns a copy of a model for post-training quantisation.

    The fast form of a resize-convolution computes each phase with filters of
    its own. In float all phases of a flat input agree; but quantisation rounds
    every filter by itself, and then they differ: the quantised model paints.
    In the plain form one filter makes all phases, so that none can differ.

    Args:
        model: A functional or sequential `keras.Model`; it is not changed.

    Returns:
        The same model with `implementation="plain"` in every `ResizeConv`, also
        inside nested models and wrappers, with weights of its own.

    Raises:
        ValueError: if the model is subclassed, so that Keras cannot copy it.

    Example:
    >>> import keras, tfupsample
    >>> model = keras.Sequential(
    ...     [keras.Input((8, 8, 3)), tfupsample.ResizeConv2D(3)]
    ... )
    >>> in_plain_form(model).layers[0].implementation
    'plain'
    """

    def copied(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):  # not a bare operation
            config = _plain(config)
        return layer.from_config(config)

    copy = keras.models.clone_model(
        model, clone_function=copied, recursive=True
    )
    copy.set_weights(model.get_weights())
    return copy


def _plain(config):
    """Returns the configuration of a layer, and of all layers inside it."""
    if isinstance(config, list):
        return [_plain(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        name: "plain"
        if name == "implementation" and value in _COMPUTED_OTHERWISE
        else _plain(value)
        for name, value in config.items()
    }
