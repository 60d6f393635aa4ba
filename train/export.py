"""Exports trained networks in formats that other programs load.

    python -m train.export RUN --format=tflite
    python -m train.export RUN --format=onnx --output=generator.onnx

The command exports the trained network of a finished run in float32. Status: 0
done, 1 the file cannot be written, 2 unusable arguments or run.
"""

import importlib
import pathlib
import sys

from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import is_saved_model
from tfupsample.printable import printable
from train.engine.command import argument_parser
from train.networks.load import load_trained
from train.networks.weights import in_float32
from train.networks.write import FORMATS, write

_NEEDED = {"onnx": ("onnx", "tf2onnx")}


def export_run(folder, file_format, output=""):
    """Writes the trained network of a run in another format.

    Args:
        folder: The folder of a finished run.
        file_format: One of `FORMATS`.
        output: The path to write; by default `saved_model/` or a file with the
            name of the network, in `folder`.

    Returns:
        The path written.

    Raises:
        UnusableInput: if there is no such run, the format cannot hold its
            network, or a package that writes the format is not installed.
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
    # Each exporter has its own way to refuse.
    except (ValueError, RuntimeError, NotImplementedError) as error:
        raise UnusableInput(
            f"{source} cannot be exported as {file_format}: {error}"
        ) from error


def trained_network(folder):
    """Returns the path of the `.keras` file that a finished run left.

    Args:
        folder: The folder of the run, a `pathlib.Path`.

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


def _beside(source, file_format):
    if file_format == "saved_model":
        return source.with_name("saved_model")
    return source.with_suffix(f".{file_format}")


def main():
    """Runs the command; returns its status."""
    parser = argument_parser("export", __doc__)
    parser.add_argument("run", help="the folder of a finished run")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="saved_model",
        help="the format to write (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        default="",
        help="the path to write (default: in the folder of the run)",
    )
    arguments = parser.parse_args()
    try:
        print(export_run(arguments.run, arguments.format, arguments.output))
    except UnusableInput as error:
        print(printable(error), file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
