"""SavedModels that hold each weight once."""

import keras


def write_saved_model(model, path):
    """Writes a SavedModel whose endpoint `serve` is the model, not training.

    Its `variables` are the weights in the order of `model.weights`. On
    TensorFlow, `keras.Model.export` writes every weight twice: as the variable
    of Keras, and as that of TensorFlow inside it, which alone the graph reads.

    Args:
        model: A built `keras.Model` of one input or a list of them.
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
