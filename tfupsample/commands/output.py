"""What commands that write a changed model have in common."""

import contextlib

from tfupsample.errors import UnusableInput
from tfupsample.model_files.atomic import new_path
from tfupsample.model_files.kinds import is_saved_model

ONNX = ".onnx"
"""The ending of ONNX files."""
UNTRUSTED = "If you trust the file, --unsafe lifts the limits."
"""What to do about an ONNX file that needs more than its process may take."""


def add_model_arguments(parser):
    """Adds what says where the model is, where the new one goes, and how."""
    parser.add_argument(
        "model", help="the .keras or .onnx file; it is not changed"
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        help="the file to write, of the same kind",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the report as JSON"
    )
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="load models that hold Python code, such as Lambda layers, and "
        "lift the limits for ONNX files; such a file can do on this machine "
        "whatever its author wants",
    )


def check_model_paths(source, target, what):
    """Checks where a model comes from and goes to.

    Args:
        source: The path of the model.
        target: The path to write.
        what: What to do with another file instead, such as `"Repair"`.

    Raises:
        UnusableInput: for a SavedModel, another ending than that of an ONNX
            or Keras model, or the same file.
    """
    if is_saved_model(source):
        raise UnusableInput(
            f"{source} is a SavedModel, a graph without layers that could be "
            f"exchanged. {what} the .keras file it was exported from."
        )
    suffix = ONNX if source.suffix == ONNX else ".keras"
    if target.suffix != suffix:
        raise UnusableInput(f"The output must end in {suffix}, not {target}.")
    if source.resolve() == target.resolve():
        raise UnusableInput("The output must be another file than the model.")


def check_outputs(paths, overwrite):
    """Checks all that will be written, before any work is done."""
    for path in filter(None, paths):
        if path.exists() and not overwrite:
            raise UnusableInput(
                f"{path} exists. Use --overwrite to replace it."
            )
        if not path.absolute().parent.is_dir():
            raise UnusableInput(f"There is no folder {path.parent}.")


@contextlib.contextmanager
def writing(path):
    """Does what `new_path` does; says so if the disk is full or read-only."""
    try:
        with new_path(path) as partial:
            yield partial
    except OSError as error:
        raise UnusableInput(f"{path} cannot be written: {error}") from error
