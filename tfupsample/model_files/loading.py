"""Opens model files, which are not to be trusted, and says what is wrong."""

import contextlib
import json
import pathlib
from unittest import mock

import keras

from tfupsample.errors import UnusableInput
from tfupsample.model_files import keras_file
from tfupsample.model_files.kinds import is_saved_model, kind_of
from tfupsample.model_files.legacy import modernise

_UNKNOWN_CLASS = ("Could not locate", "Unknown layer", "@keras.saving.register")
_CUSTOM = (
    " If the class is yours, import the module that registers it: in Python "
    "before inspect_model or repair_model, on the command line by tfupsample "
    "inspect --import=MODULE, which runs that module."
)


def load_keras(path, allow_unsafe=False):
    """Returns the model of a `.keras` or `.h5` file, without its optimizer.

    Args:
        path: The file.
        allow_unsafe: Turns off the safe mode of Keras, so that the file may
            run code by its author on this machine.

    Raises:
        UnusableInput: if it is no such file, is damaged, or needs classes that
            are not registered.
    """
    path = pathlib.Path(path)
    kind = kind_of(path)
    if kind == "saved_model":
        raise UnusableInput(f"{path} is a SavedModel, not a .keras file.")
    if kind == "onnx":
        raise UnusableInput(
            f"{path} is an ONNX file, not a .keras file: tfupsample inspect "
            "reads it."
        )
    # Keras, zipfile and h5py each have errors of their own for bad files.
    with unusable(path), _starting_at_zero():
        load = _load_h5 if kind == "h5" else _load_keras
        return load(path, not allow_unsafe)


def _load_keras(path, safe):
    config = keras_file.read_keras(path, check=safe)
    config.pop("compile_config", None)
    modernise(config)
    model = keras.saving.deserialize_keras_object(config, safe_mode=safe)
    if not isinstance(model, keras.Model):
        raise ValueError(f"it holds no model but {type(model).__name__}")
    # Layers without weights need no building.
    if model.built:
        model.load_weights(path)
    return model


def _load_h5(path, safe):
    import h5py

    # Keras has no public way from a configuration of Keras 2 to a model.
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path) as file:
        config = keras_file.read_h5(file, path.stat().st_size, check=safe)
    modernise(config)

    class Modernised(h5py.File):
        """Shows Keras another configuration than the file holds."""

        attrs = {"model_config": json.dumps(config)}

    with Modernised(path) as file:
        return legacy_h5_format.load_model_from_hdf5(
            file, compile=False, safe_mode=safe
        )


@contextlib.contextmanager
def _starting_at_zero():
    """Lets layers start at zero, as their weights come from a file.

    Random numbers would take several times the memory of the largest layer.
    """
    add_weight = keras.layers.Layer.add_weight

    def add_zeros(layer, shape=None, initializer=None, *args, **kwargs):
        return add_weight(layer, shape, "zeros", *args, **kwargs)

    with mock.patch.object(keras.layers.Layer, "add_weight", add_zeros):
        yield


def load_saved_model(path):
    """Returns the object of `tf.saved_model.load`.

    Loading runs nothing; calling the result runs the graph of its author,
    which may read and write files.

    Raises:
        UnusableInput: if it is no such folder or is damaged.
    """
    import tensorflow as tf

    if not is_saved_model(path):
        raise UnusableInput(f"{path} is not the folder of a SavedModel.")
    # A damaged folder may raise anything from protobuf to the file system.
    with unusable(path):
        return tf.saved_model.load(str(path))


def read_meta_graph(path):
    """Returns the only `MetaGraphDef` of a SavedModel; runs nothing.

    Raises:
        UnusableInput: if it is no such folder, is damaged, or holds several.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    if not is_saved_model(path):
        raise UnusableInput(f"{path} is not the folder of a SavedModel.")
    with unusable(path):
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
        shapes: The expected shapes, in order, compared before anything is
            allocated.

    Raises:
        UnusableInput: if they cannot be read, or have other shapes.
    """
    import tensorflow as tf

    with unusable(path):
        reader = tf.train.load_checkpoint(f"{path}/variables/variables")
        found = reader.get_variable_to_shape_map()
    keys = [_weight_key(i) for i in range(len(shapes))]
    expected = {key: list(shape) for key, shape in zip(keys, shapes)}
    held = {key: shape for key, shape in found.items() if key.startswith("v")}
    if held != expected:
        raise UnusableInput(f"{path} holds the weights of another model.")
    with unusable(path):
        return [reader.get_tensor(key) for key in keys]


def _weight_key(index):
    return f"variables/{index}/.ATTRIBUTES/VARIABLE_VALUE"


@contextlib.contextmanager
def unusable(path):
    """Turns whatever a damaged file raises into `UnusableInput`."""
    try:
        yield
    except UnusableInput:
        raise
    except Exception as error:
        said = _innermost(error)
        hint = _CUSTOM if any(w in str(error) for w in _UNKNOWN_CLASS) else ""
        raise UnusableInput(f"{path} cannot be loaded: {said}{hint}") from error


def _innermost(error):
    """Returns the last error: those that Keras wraps begin with the file."""
    text = str(error).rpartition("Exception encountered: ")[2].strip()
    lines = [line for line in text.splitlines() if line.strip()]
    # A first line such as "Example error message:" needs the next.
    said = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])
    return said[:500] or type(error).__name__
