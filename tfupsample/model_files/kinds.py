"""Tells from a path which kind of model it holds, without opening it."""

import pathlib

from tfupsample.errors import UnusableInput

_SUFFIXES = {
    ".keras": "keras",
    ".h5": "h5",
    ".hdf5": "h5",
    ".onnx": "onnx",
}


def kind_of(path):
    """Returns `"keras"`, `"h5"`, `"onnx"` or `"saved_model"`.

    Raises:
        UnusableInput: if there is no such file, or it is of no such kind.
    """
    path = pathlib.Path(path)
    if is_saved_model(path):
        return "saved_model"
    if not path.exists():
        raise UnusableInput(f"There is no file {path}.")
    if not path.is_file() or path.suffix not in _SUFFIXES:
        raise UnusableInput(
            f"{path} is neither a .keras, .h5 or .onnx file nor the folder of "
            "a SavedModel. Save a model with model.save('model.keras')."
        )
    return _SUFFIXES[path.suffix]


def is_saved_model(path):
    """Returns whether `path` is the folder of a SavedModel."""
    return (pathlib.Path(path) / "saved_model.pb").is_file()
