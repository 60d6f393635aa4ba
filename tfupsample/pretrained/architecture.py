"""Builds a model by the function and arguments that an index names."""

import inspect
import math
import re

from tfupsample.errors import UnusableInput
from tfupsample.pretrained.zoo import import_zoo

_FUNCTION = re.compile(r"(models(?:\.[a-z][a-z0-9_]*)+)\.([a-z][a-z0-9_]*)")
_LARGEST = 1024  # integer argument: channels, pixels, styles


def function_of(path):
    """Returns the function at a path such as `models.dcgan.generator`.

    Raises:
        UnusableInput: if no module of `models` defines such a public function.
    """
    match = _FUNCTION.fullmatch(path)
    if not match:
        raise UnusableInput(f"{path!r} is no function of the package models.")
    try:
        module = import_zoo(match[1])
    except ImportError as error:
        raise UnusableInput(
            f"{match[1]} cannot be imported: {error}"
        ) from error
    function = getattr(module, match[2], None)
    if (
        not inspect.isfunction(function)
        or function.__module__ != module.__name__
    ):
        raise UnusableInput(f"{path!r} is no function of the package models.")
    return function


def build(path, arguments):
    """Returns the model that a function of `models` makes of arguments.

    Args:
        path: The path of the function, for `function_of`.
        arguments: Its arguments by name: text, integers up to 1024, finite
            numbers, booleans or `None`.

    Raises:
        UnusableInput: if the function or an argument is not of this kind, or
            the function refuses its arguments.
    """
    import keras

    function = function_of(path)
    refused = [
        name
        for name, value in arguments.items()
        if name not in inspect.signature(function).parameters
        or not _is_allowed(value)
    ]
    if refused:
        raise UnusableInput(f"{path} takes no such arguments: {refused[:4]}")
    try:
        model = function(**arguments)
    except (TypeError, ValueError) as error:
        raise UnusableInput(f"{path} refuses: {error}") from error
    if not isinstance(model, keras.Model):
        raise UnusableInput(f"{path} makes no model.")
    return model


def _is_allowed(value):
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return 0 <= value <= _LARGEST
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str) and len(value) <= 200
