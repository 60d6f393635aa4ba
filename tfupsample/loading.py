"""Opens model files, which are not to be trusted, and says what is wrong."""

import pathlib
import zipfile

import keras

from tfupsample.errors import UnusableInput


def load_keras(path, allow_unsafe=False):
    """Returns the model of a `.keras` file, without its optimizer.

    Args:
        path: The file.
        allow_unsafe: Turns off the safe mode of Keras, so that the file may
            run code of its author's on this machine.

    Raises:
        UnusableInput: if it is no such file, is damaged, or needs classes that
            are not registered here.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise UnusableInput(f"There is no file {path}.")
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise UnusableInput(
            f"{path} is not a .keras file or is damaged. Save a model with "
            "model.save('model.keras')."
        )
    try:
        return keras.saving.load_model(
            path, compile=False, safe_mode=not allow_unsafe
        )
    # Keras, zipfile and h5py each have errors of their own for bad files.
    except Exception as error:
        raise UnusableInput(
            f"{path} cannot be loaded: {_first_line(error)}"
        ) from error


def is_saved_model(path):
    """Returns whether `path` is the folder of a SavedModel."""
    return (pathlib.Path(path) / "saved_model.pb").is_file()


def load_saved_model(path):
    """Returns the object of `tf.saved_model.load`.

    Loading runs nothing; calling what it returns runs the graph of its author,
    which may read and write files.

    Raises:
        UnusableInput: if it is no such folder or is damaged.
    """
    import tensorflow as tf

    if not is_saved_model(path):
        raise UnusableInput(f"{path} is not the folder of a SavedModel.")
    try:
        return tf.saved_model.load(str(path))
    # A damaged folder may raise anything from protobuf to the file system.
    except Exception as error:
        raise UnusableInput(
            f"{path} cannot be loaded: {_first_line(error)}"
        ) from error


def _first_line(error):
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
