"""Opens model files, which are not to be trusted, and says what is wrong."""

import contextlib
import logging
import pathlib
import zipfile

import keras

from tfupsample.errors import UnusableInput
from tfupsample.model_files import keras_file


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
    # Keras, zipfile and h5py each have errors of their own for bad files.
    with _unusable(path):
        if not allow_unsafe:
            keras_file.check(path)
        return keras.saving.load_model(
            path, compile=False, safe_mode=not allow_unsafe
        )


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
    # A damaged folder may raise anything from protobuf to the file system.
    with _unusable(path), _without_warnings():
        return tf.saved_model.load(str(path))


def read_meta_graph(path):
    """Returns the only `MetaGraphDef` of a SavedModel; runs nothing.

    Raises:
        UnusableInput: if it is no such folder, is damaged, or holds several.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    if not is_saved_model(path):
        raise UnusableInput(f"{path} is not the folder of a SavedModel.")
    with _unusable(path):
        saved = saved_model_pb2.SavedModel.FromString(
            (pathlib.Path(path) / "saved_model.pb").read_bytes()
        )
    if len(saved.meta_graphs) != 1:
        raise UnusableInput(f"{path} must hold one graph.")
    return saved.meta_graphs[0]


def saved_weights(path, shapes):
    """Returns the weights of a SavedModel of `train.networks.write`, in order.

    Args:
        path: The folder.
        shapes: Expected, in order; compared before anything is allocated.

    Raises:
        UnusableInput: if they cannot be read, or have other shapes.
    """
    import tensorflow as tf

    with _unusable(path):
        reader = tf.train.load_checkpoint(f"{path}/variables/variables")
        found = reader.get_variable_to_shape_map()
    keys = [_weight_key(i) for i in range(len(shapes))]
    expected = {key: list(shape) for key, shape in zip(keys, shapes)}
    held = {key: shape for key, shape in found.items() if key.startswith("v")}
    if held != expected:
        raise UnusableInput(f"{path} holds the weights of another model.")
    with _unusable(path):
        return [reader.get_tensor(key) for key in keys]


def _weight_key(index):
    return f"variables/{index}/.ATTRIBUTES/VARIABLE_VALUE"


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


@contextlib.contextmanager
def _without_warnings():
    """TensorFlow warns for each gradient whose own gradient is not saved."""
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _unusable(path):
    try:
        yield
    except Exception as error:
        raise UnusableInput(
            f"{path} cannot be loaded: {_first_line(error)}"
        ) from error


def _first_line(error):
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
