"""Inspects a model file of any kind: the way from a path to a verdict."""

import importlib
import os
import sys

from tfupsample.errors import UnusableInput
from tfupsample.model_files.kinds import kind_of
from tfupsample.model_files.loading import load_keras


def inspect_file(path, samples=32, run=False, unsafe=False, modules=()):
    """Opens a file and inspects the model in it.

    Args:
        path: A `.keras`, `.h5` or `.onnx` file, or the folder of a SavedModel.
        samples: The number of images or latents to run the model on; 0: do not
            run it.
        run: Whether to run a SavedModel, which is a program by its author.
        unsafe: Whether to load Python code that a file holds.
        modules: Names of modules to import that register the classes of the
            file, also from the working folder.

    Returns:
        `Inspection.to_json()`.

    Raises:
        UnusableInput: if the file cannot be opened or inspected.
    """
    kind = kind_of(path)
    if kind == "saved_model":
        from tfupsample.inspection.saved_model import inspect_saved_model

        return inspect_saved_model(path, samples if run else 0).to_json()
    if kind == "onnx":
        from tfupsample.inspection.onnx.inspect import inspect_onnx

        return inspect_onnx(path, samples).to_json()
    from tfupsample.inspection.inspect import inspect_model

    _import_all(modules)
    model = load_keras(path, unsafe)
    try:
        inspection = inspect_model(model, probe=samples > 0, samples=samples)
    except ValueError as error:
        raise UnusableInput(f"{path} cannot be inspected: {error}") from error
    return inspection.to_json()


def _import_all(modules):
    if modules:
        sys.path.insert(0, os.getcwd())
    for name in modules:
        try:
            importlib.import_module(name)
        # The code of others raises anything.
        except Exception as error:
            raise UnusableInput(
                f"--import={name} failed: {type(error).__name__}: {error}"
            ) from error
