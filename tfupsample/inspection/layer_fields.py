"""Fields of a `Step` that layers with a kernel have in common."""

import numpy as np
from keras import ops

from tfupsample.layers.initializers import ICNR, Balanced


def weights(layer):
    """Returns the fields of a layer with a kernel."""
    return {
        "kernel": layer.kernel,
        "bias": None if layer.bias is None else as_array(layer.bias),
        "activation": activation(layer),
        "icnr": isinstance(layer.kernel_initializer, (ICNR, Balanced)),
    }


def activation(layer):
    """Returns the name of an activation, empty for none."""
    name = getattr(layer.activation, "__name__", "")
    name = name or getattr(layer.activation, "name", "activation")
    return "" if name == "linear" else name


def as_array(variable):
    """Returns a variable as float64, whatever its precision."""
    return np.asarray(ops.convert_to_numpy(variable)).astype("float64")
