"""The Keras callbacks that a user's function gives to a training."""

import importlib
import re
import sys

import keras

from train.engine.options import UsageError

_EXPECTED = (
    "must be MODULE:FUNCTION, where the function takes the folder of the run "
    "and returns a list of Keras callbacks"
)


def user_callbacks(flag, folder):
    """Returns the callbacks that `--callbacks` names.

    Args:
        flag: `"MODULE:FUNCTION"`, or `""` for none. The module is looked for
            in the working directory too.
        folder: The folder of the run, a `pathlib.Path`.

    Raises:
        UsageError: if there is no such function, or it fails or returns
            anything else.
    """
    if not flag:
        return []
    if not re.fullmatch(r"[\w.]+:\w+", flag):
        raise UsageError(f"--callbacks {_EXPECTED}. Received: {flag}")
    try:
        callbacks = _function(*flag.split(":"))(folder)
    # It is the user's own code, which may raise anything.
    except Exception as error:
        raise UsageError(
            f"--callbacks={flag} {_EXPECTED}. It raised "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(callbacks, (list, tuple)) or not all(
        isinstance(callback, keras.callbacks.Callback) for callback in callbacks
    ):
        raise UsageError(
            f"--callbacks={flag} {_EXPECTED}. It returned {callbacks!r}."
        )
    return [*callbacks]


def _function(module, name):
    # As with `python -m`, whatever command was typed.
    sys.path.insert(0, "")
    try:
        return getattr(importlib.import_module(module), name)
    finally:
        sys.path.remove("")
