"""Models to folders and files that other programs load."""

import pathlib
import shutil

import keras

from train import evaluate, pictures


def in_float32(model):
    """Returns an uncompiled copy of a functional model, all in float32.

    So that a model trained in 16 bits gives what uses it, gradients with
    respect to its input above all, the precision of its weights.
    """

    def layer_in_float32(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):  # and not a bare operation
            config["dtype"] = "float32"
        return layer.from_config(config)

    copy = keras.models.clone_model(model, clone_function=layer_in_float32)
    # By name: a copy may order its layers in another way.
    for layer in model.layers:
        if layer.weights:
            copy.get_layer(layer.name).set_weights(layer.get_weights())
    # Without the optimizer, which a copy takes over.
    return keras.Model(copy.input, copy.output, name=model.name)


def export(model, folder, name):
    """Writes `folder/saved_model/` and `folder/<name>.keras`.

    Args:
        model: A built `keras.Model`.
        folder: An existing folder.
        name: Stem of the `.keras` file.

    Returns:
        The two paths.
    """
    return export_saved_model(model, folder), save_keras(model, folder, name)


def export_saved_model(model, folder):
    """Writes `folder/saved_model/`, all or nothing, and returns its path."""
    path = pathlib.Path(folder) / "saved_model"
    partial = path.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.export(partial, verbose=False)
    shutil.rmtree(path, ignore_errors=True)
    return partial.rename(path)


def save_keras(model, folder, name):
    """Writes `folder/<name>.keras`, all or nothing, and returns its path."""
    path = pathlib.Path(folder) / f"{name}.keras"
    partial = path.with_suffix(".partial.keras")
    model.save(partial)
    return partial.replace(path)


def finish(run, model, name, images, scores):
    """Exports a trained model, writes what it reached, and says where.

    Args:
        run: The `Run`.
        model: A built `keras.Model`.
        name: Stem of the `.keras` file.
        images: A square number of images in [-1, 1] for `samples.png`.
        scores: `{name: artifact_scores(...)}`, for `scores.json`.
    """
    run.write("scores.json", scores)
    saved_model, path = export(model, run.path, name)
    grid = run.path / "samples.png"
    pictures.picture(pictures.grid(pictures.to_uint8(images)), 2).save(grid)
    print(
        f"\n{evaluate.score_table(scores)}\n\n"
        f"Sample grid:  {grid}\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )
