"""Models whose resize-convolutions are computed as they are defined."""

import keras

from tfupsample.layers.reconfigured import reconfigured

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
    copy = reconfigured(model, _plain)
    copy.set_weights(model.get_weights())
    return copy


def _plain(name, value):
    otherwise = name == "implementation" and value in _COMPUTED_OTHERWISE
    return "plain" if otherwise else value
