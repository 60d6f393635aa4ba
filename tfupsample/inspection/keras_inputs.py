"""Symbolic inputs for a model, in the structure that its call expects."""

import keras

BATCH = 8
"""Samples of each symbolic input, and so of each run of what was traced."""


def given_inputs(model, side):
    """Returns the arguments of a call of a model, as symbols of known size.

    Args:
        model: A built model.
        side: Pixels along each axis that the model leaves open.

    Returns:
        `(args, kwargs)`, nested as the model wants them.

    Raises:
        ValueError: if the model is not built.
    """
    if getattr(model, "inputs", None):
        sequential = isinstance(model, keras.Sequential)
        structure = model.inputs[0] if sequential else model.input
        return (
            keras.tree.map_structure(
                lambda t: _symbol(
                    t.shape, t.dtype, side, t.name, t.shape[0] or BATCH
                ),
                structure,
            ),
        ), {}
    config = model.get_build_config() or {}
    shapes = config.get("shapes_dict") or {}
    if config.get("input_shape"):
        return (_symbols(config["input_shape"], side),), {}
    if not shapes:
        raise ValueError(
            "`model` must be built: call it on data first. "
            f"Received: {model.name!r}"
        )
    named = {key.removesuffix("_shape"): s for key, s in shapes.items()}
    return (), {key: _symbols(s, side) for key, s in named.items()}


def as_declared(model, args):
    """Returns the arguments of a call, nested as a functional model has them.

    It takes others too, such as a tensor for a list of one, with a warning.

    Args:
        model: Any layer.
        args: A tuple of tensors and nested structures of tensors.
    """
    tensors = keras.tree.flatten(args)
    declared = getattr(model, "inputs", None)
    if not declared or isinstance(model, keras.Sequential):
        return args
    if len(declared) != len(tensors):
        return args
    return (keras.tree.pack_sequence_as(model.input, tensors),)


def _symbols(shape, side):
    """Symbols for a shape, or for a structure of shapes."""
    if isinstance(shape, dict):
        return {key: _symbols(inner, side) for key, inner in shape.items()}
    if any(isinstance(n, (list, tuple)) for n in shape):
        return [_symbols(inner, side) for inner in shape]
    return _symbol(shape, keras.config.floatx(), side)


def _symbol(shape, dtype, side, name=None, batch=BATCH):
    sizes = [n or side for n in shape[1:]]
    return keras.Input(batch_shape=(batch, *sizes), dtype=dtype, name=name)
