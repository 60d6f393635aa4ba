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


def flat_graph(signature, side):
    """Returns the graph of a signature without functions and variables.

    Args:
        signature: Of a loaded SavedModel.
        side: Pixels a side where the signature leaves sizes open.

    Returns:
        `(graph, inputs, outputs)`, all sizes known.
    """
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    frozen = convert_to_constants.convert_variables_to_constants_v2(signature)
    graph = tf.Graph()
    with graph.as_default():
        known = {
            t.name: tf.compat.v1.placeholder(t.dtype, _known_shape(t, side))
            for t in graph_inputs(frozen)
        }
        outputs = tf.graph_util.import_graph_def(
            frozen.graph.as_graph_def(),
            known,
            return_elements=[t.name for t in frozen.outputs],
            name="",
        )
    return graph, list(known.values()), outputs


def graph_inputs(function):
    """Returns the tensors that a signature takes, without its variables."""
    return [t for t in function.inputs if t.dtype != "resource"]


def constant_value(operation):
    """Returns the array of a `Const` operation of a graph."""
    import tensorflow as tf

    return tf.make_ndarray(operation.get_attr("value"))


def _known_shape(tensor, side):
    if not tensor.shape.rank:
        return tensor.shape
    batch, *sizes = tensor.shape
    return [batch or 1, *(n or side for n in sizes)]


def _first_line(error):
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
