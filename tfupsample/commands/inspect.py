"""`tfupsample inspect`: which layers of a model paint, and what to do."""

import importlib.util
import io
import json
import pathlib

from tfupsample.commands.numbers import integer_between
from tfupsample.inspection.findings import Inspection
from tfupsample.model_files import sandbox
from tfupsample.model_files.kinds import kind_of
from tfupsample.report.inspection_text import text


def add_arguments(parser):
    """Adds the arguments of the command."""
    parser.epilog = (
        "Status: 0 nothing paints, 1 something paints (with --strict: or may "
        "paint), 2 the file cannot be used, 3 something unexpected happened. "
        "The file is opened in a process of its own, with limits on memory, "
        "time and access to files; --import, --run and --unsafe lift them."
    )
    parser.add_argument(
        "model",
        help="a .keras, .h5 or .onnx file, or the folder of a SavedModel",
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON instead of text"
    )
    parser.add_argument(
        "--html", metavar="FILE", help="also write an HTML page"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="also end with status 1 if something may paint",
    )
    parser.add_argument(
        "--samples",
        type=integer_between(0, 10**4),
        default=32,
        help="number of images or latents to run the model on; 0: do not "
        "run it (default: 32)",
    )
    _add_trust(parser)


def _add_trust(parser):
    parser.add_argument(
        "--import",
        dest="modules",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a Python module first, such as one of the working folder "
        "that registers the classes of the model; this runs the module",
    )
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="load files that hold Python code, without the safe mode of "
        "Keras: such a file can do on this machine whatever you can",
    )
    parser.add_argument(
        "--run",
        action="store_true",
        help="also run a SavedModel: it is a program that can read and write "
        "your files; without this option its graph is only read",
    )


def run(arguments):
    """Inspects, prints, and returns the status."""
    inspection = _inspect(arguments)
    if arguments.html:
        _write_page(inspection, arguments.model, pathlib.Path(arguments.html))
    if arguments.json:
        print(json.dumps(inspection.to_json(), indent=1))
    else:
        print(text(inspection))
    failing = ["paints"] + ["may paint"] * arguments.strict
    return int(any(map(inspection.has, failing)))


def _inspect(arguments):
    kind_of(arguments.model)  # before a process starts in vain
    request = {
        "path": arguments.model,
        "samples": arguments.samples,
        "run": arguments.run,
        "unsafe": arguments.unsafe,
        "modules": arguments.modules,
    }
    answer = sandbox.call(
        "tfupsample.inspection.inspect_file:inspect_file",
        request,
        arguments.model,
        trusted=bool(arguments.run or arguments.unsafe or arguments.modules),
    )
    return Inspection.from_json(answer)


def _write_page(inspection, source, path):
    from tfupsample.report.html import inspection_page
    from tfupsample.report.page import write_page

    spectrum = _spectrum(inspection.probe)
    write_page(path, inspection_page(inspection, spectrum, source))


def _spectrum(probe):
    """Returns a PNG of the spectrum of the model's outputs, or `None`.

    The page is useful without it, so matplotlib need not be installed.
    """
    if not (probe.get("spectrum") and importlib.util.find_spec("matplotlib")):
        return None
    from tfupsample.report.plots import spectrum_figure

    spectra = {
        f"of {kind}": (row["frequency"], row["power_db"])
        for kind, row in probe["spectrum"].items()
    }
    png = io.BytesIO()
    spectrum_figure(spectra).savefig(png, format="png")
    return png.getvalue()
