"""Copies of networks in another precision."""

from tfupsample.layers.reconfigured import reconfigured
from tfupsample.pretrained.weights import copy_weights


def in_float32(model):
    """Returns an uncompiled copy of a functional model in float32.

    A model that was trained in 16 bits then computes in the precision of its
    weights, which matters most for gradients with respect to its input.
    """
    copy = reconfigured(model, _in_float32)
    copy_weights(model, copy)
    return copy


def _in_float32(name, value):
    return "float32" if name == "dtype" else value
