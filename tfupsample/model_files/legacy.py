"""Makes configurations that Keras 2 wrote readable for Keras 3."""

import inspect

import keras

from tfupsample.model_files.keras_file import parts

# Options that Keras 3 no longer has, with the values at which they had no
# effect or only # chose between ways of computing the same.
_OFF = {
    "adjustment": (None,),
    "dynamic": (False,),
    "experimental_autocast": (True, False),
    "fused": (None, True, False),
    "groups": (1,),
    "implementation": (0, 1, 2),
    "input_dtype": (None, "float32"),
    "input_length": (None,),
    "ragged": (False,),
    "renorm": (False,),
    "sparse": (False,),
    "stateful": (False,),
    "time_major": (False,),
    "virtual_batch_size": (None,),
}


def modernise(config):
    """Drops from a configuration what Keras 2 wrote and Keras 3 refuses.

    Options that change what a layer computes stay, so that Keras names them.

    Args:
        config: What `json.loads` returned; it is changed.
    """
    for part in parts(config):
        layer = getattr(keras.layers, str(part.get("class_name")), None)
        options = part.get("config")
        if layer is not None and isinstance(options, dict):
            _modernise_layer(layer, options)


def _modernise_layer(layer, options):
    known = _options(layer)
    for name in options.keys() - known:
        if name in _OFF and options[name] in _OFF[name]:
            del options[name]
    if "batch_input_shape" in options:
        shape = options.pop("batch_input_shape")
        if "batch_shape" in known:
            options["batch_shape"] = shape
        else:
            options["input_shape"] = shape[1:]
    axis = options.get("axis")
    if layer is keras.layers.BatchNormalization and isinstance(axis, list):
        (options["axis"],) = axis
    policy = options.get("dtype")
    if isinstance(policy, dict) and policy.get("class_name") == "Policy":
        options["dtype"] = policy["config"]["name"]


def _options(layer):
    """Returns the names of all arguments of a class and its bases."""
    return {
        name
        for base in layer.__mro__
        for name in inspect.signature(base.__init__).parameters
    }
