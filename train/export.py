"""Models to folders and files that other programs load.

    python -m train.export RUN --format=tflite
    python -m train.export RUN --format=onnx --output=generator.onnx

The command exports the trained network of a run directory, in float32. Status:
0 done, 1 the file cannot be written, 2 unusable arguments or run.
"""

import argparse
import importlib
import pathlib
import shutil
import sys

import keras

from tfupsample.errors import UnusableInput
from tfupsample.loading import is_saved_model, load_keras
from train import evaluate, pictures
from train.saved_model import write_saved_model
from train.transfer import copy_weights

# What Keras calls them.
FORMATS = {
    "saved_model": "tf_saved_model",
    "keras": "keras",
    "tflite": "litert",
    "onnx": "onnx",
}
_NEEDED = {"onnx": ("onnx", "tf2onnx")}
# Importing them makes their layers, which runs may have saved, known to Keras.
_REGISTERING = (
    "models.conditional_instance_norm",
    "models.stylegan2.layers",
    "train.factors",
)


def in_float32(model):
    """Returns an uncompiled copy of a functional model, all in float32.

    So that a model trained in 16 bits gives what uses it, gradients with
    respect to its input above all, the precision of its weights.
    """

    def layer_in_float32(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):  # and not a bare operation
            config = _in_float32(config)
        return layer.from_config(config)

    copy = keras.models.clone_model(
        model, clone_function=layer_in_float32, recursive=True
    )
    copy_weights(model, copy)
    # Without the optimizer, which a copy takes over.
    return keras.Model(copy.input, copy.output, name=model.name)


def _in_float32(config):
    """The configuration of a layer, and of all layers that it holds."""
    if isinstance(config, list):
        return [_in_float32(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        name: "float32" if name == "dtype" else _in_float32(value)
        for name, value in config.items()
    }


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
    return write(model, pathlib.Path(folder) / "saved_model", "saved_model")


def save_keras(model, folder, name):
    """Writes `folder/<name>.keras`, all or nothing, and returns its path."""
    return write(model, pathlib.Path(folder) / f"{name}.keras", "keras")


def write(model, path, file_format):
    """Writes a model, all or nothing.

    Args:
        model: A built `keras.Model`.
        path: A `pathlib.Path`, a folder for `"saved_model"`; replaced if it is
            there.
        file_format: Of `FORMATS`.

    Returns:
        `path`.
    """
    # Exporters insist on the suffix of their format.
    partial = path.with_name(f"{path.stem}.partial{path.suffix}")
    _remove(partial)
    try:
        if file_format == "keras":
            model.save(partial)
        elif file_format == "saved_model":
            write_saved_model(model, partial)
        else:
            model(model.input)  # or ONNX export refuses
            model.export(partial, format=FORMATS[file_format], verbose=False)
        _remove(path)
        return partial.replace(path)
    finally:
        _remove(partial)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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


def export_run(folder, file_format, output=""):
    """Writes the trained network of a run in another format.

    Args:
        folder: Of the run, finished.
        file_format: Of `FORMATS`.
        output: What to write; by default `saved_model/` or the network's name
            in `folder`.

    Returns:
        The path written.

    Raises:
        UnusableInput: if there is no such run, the format cannot hold its
            network, or a package that writes it is not installed.
    """
    folder = pathlib.Path(folder)
    source = trained_network(folder)
    path = pathlib.Path(output or _beside(source, file_format))
    suffix = _beside(source, file_format).suffix
    if path.suffix != suffix or path.resolve() == source.resolve():
        raise UnusableInput(
            f"--format={file_format} needs another --output"
            + (f", which ends in {suffix}." if suffix else ", without suffix.")
        )
    if path.is_dir() and not is_saved_model(path):
        raise UnusableInput(f"{path} is a folder of something else.")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        for package in _NEEDED.get(file_format, ()):
            importlib.import_module(package)
        return write(in_float32(load_trained(source)), path, file_format)
    except ImportError as error:
        raise UnusableInput(
            f"--format={file_format} needs a package that is not installed "
            f"({error}): pip install 'tfupsample[export]'."
        ) from error
    # Exporters refuse in ways of their own.
    except (ValueError, RuntimeError, NotImplementedError) as error:
        raise UnusableInput(
            f"{source} cannot be exported as {file_format}: {error}"
        ) from error


def trained_network(folder):
    """Returns the path of the `.keras` file that a finished run left.

    Args:
        folder: Of the run, a `pathlib.Path`.

    Raises:
        UnusableInput: if there is none.
    """
    found = sorted(folder.glob("*.keras"))
    if not (folder / "config.json").is_file() or not found:
        raise UnusableInput(
            f"{folder} is not the folder of a finished run: it needs a "
            "config.json and a .keras file. The command of the run finishes it."
        )
    return found[0]


def load_trained(path):
    """Returns the network of a `.keras` file that a trainer here wrote.

    Raises:
        UnusableInput: as `load_keras`.
    """
    for module in _REGISTERING:
        importlib.import_module(module)
    return load_keras(path)


def _beside(source, file_format):
    if file_format == "saved_model":
        return source.with_name("saved_model")
    return source.with_suffix(f".{file_format}")


def main():
    """Runs the command; returns its status."""
    parser = argparse.ArgumentParser(
        "python -m train.export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", help="folder of a finished run")
    parser.add_argument("--format", choices=FORMATS, default="saved_model")
    parser.add_argument("--output", default="", help="in the run if left out")
    arguments = parser.parse_args()
    try:
        print(export_run(arguments.run, arguments.format, arguments.output))
    except UnusableInput as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
