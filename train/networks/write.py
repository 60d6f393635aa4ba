"""Writes networks to files and folders that other programs load."""

import pathlib

import keras

from tfupsample.model_files.atomic import new_path

# The formats, and what Keras calls them.
FORMATS = {
    "saved_model": "tf_saved_model",
    "keras": "keras",
    "tflite": "litert",
    "onnx": "onnx",
}


def export(model, folder, name, served=None):
    """Writes `folder/saved_model/` and `folder/<name>.keras`.

    Args:
        model: A built `keras.Model`.
        folder: An existing folder.
        name: Name of the `.keras` file, without suffix.
        served: The model of the SavedModel, if it is another.

    Returns:
        The two paths.
    """
    saved_model = export_saved_model(served or model, folder)
    return saved_model, save_keras(model, folder, name)


def of_size(model, images):
    """Returns the model for the size of `images` only, for export on JAX.

    JAX cannot write the gradients of a model whose sizes are unknown.
    """
    inputs = keras.Input(images.shape[1:], name="images")
    return keras.Model(inputs, model(inputs), name=model.name)


def export_saved_model(model, folder):
    """Writes `folder/saved_model/`, all or nothing, and returns its path."""
    return write(model, pathlib.Path(folder) / "saved_model", "saved_model")


def save_keras(model, folder, name):
    """Writes `folder/<name>.keras`, all or nothing, and returns its path."""
    return write(model, pathlib.Path(folder) / f"{name}.keras", "keras")


def write(model, path, file_format):
    """Writes a model, all or nothing.

    Args:
        model: A built `keras.Model`.
        path: A `pathlib.Path`; a folder for `"saved_model"`. What is there is
            replaced.
        file_format: One of `FORMATS`.

    Returns:
        `path`.
    """
    with new_path(path) as partial:
        if file_format == "keras":
            model.save(partial)
        elif file_format == "saved_model":
            write_saved_model(model, partial)
        else:
            model(model.input)  # the ONNX export needs a model that was called
            model.export(partial, format=FORMATS[file_format], verbose=False)
    return path


def write_saved_model(model, path):
    """Writes a SavedModel whose endpoint `serve` is the model in inference.

    Its `variables` are the weights in the order of `model.weights`. On
    TensorFlow, `keras.Model.export` would write every weight twice: as a
    variable of Keras and as the variable of TensorFlow that the graph reads.

    Args:
        model: A built `keras.Model` with one input or a list of inputs.
        path: The folder to write.
    """
    if keras.backend.backend() != "tensorflow":
        model.export(path, format="tf_saved_model", verbose=False)
        return
    import tensorflow as tf

    def serve(inputs):
        return model(inputs, training=False)

    def spec(tensor):
        return tf.TensorSpec(tensor.shape, tensor.dtype, tensor.name)

    archive = keras.export.ExportArchive()
    archive.add_endpoint(
        "serve", serve, [tf.nest.map_structure(spec, model.input)]
    )
    for name, weights in (
        ("variables", model.weights),
        ("trainable_variables", model.trainable_weights),
        ("non_trainable_variables", model.non_trainable_weights),
    ):
        archive.add_variable_collection(name, [w.value for w in weights])
    archive.write_out(path, verbose=False)
    forget_gradients(pathlib.Path(path))


def forget_gradients(path):
    """Takes the names of custom gradients out of a SavedModel.

    TensorFlow saves these gradients, but of their own gradients only names,
    each of which is a warning on loading and an error on differentiating twice.
    Without names TensorFlow differentiates the operations themselves, with the
    same result. The fingerprint, which would no longer fit, goes too.

    Args:
        path: The folder, a `pathlib.Path`.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    file = path / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for graph in saved.meta_graphs:
        functions = graph.graph_def.library.function
        for nodes in (graph.graph_def.node, *(f.node_def for f in functions)):
            for node in nodes:
                node.attr.pop("_gradient_op_type", None)
    file.write_bytes(saved.SerializeToString(deterministic=True))
    (path / "fingerprint.pb").unlink(missing_ok=True)
