"""`tfupsample train NAME`: a trainer of the zoo, from any folder.

It is what `python -m train.NAME` is in a checkout of this project, and runs
also beside a `train.py` or a folder `models` of the user's.
"""

import argparse
import ast
import difflib
import runpy
import sys

from tfupsample.errors import UnusableInput
from tfupsample.pretrained.zoo import FOLDER
from tfupsample.report.inspection_text import table

_ROOT = FOLDER.parent


def add_arguments(parser):
    """Adds the arguments of the command."""
    parser.usage = "tfupsample train [NAME [--help] [FLAGS]]"
    parser.add_argument(
        "name", nargs="?", help="the trainer; all are listed without a name"
    )
    parser.add_argument(
        "flags",
        nargs=argparse.REMAINDER,
        help="for the trainer: tfupsample train NAME --help shows them",
    )


def run(arguments):
    """Runs the trainer, which ends the program with a status of its own."""
    trainers = list_trainers()
    if arguments.name is None:
        print(table([("name", "what it does"), *trainers.items()]))
        return 0
    if arguments.name not in trainers:
        near = difflib.get_close_matches(arguments.name, trainers, 3, 0.4)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise UnusableInput(
            f"There is no trainer {arguments.name!r}. {hint}tfupsample train "
            "lists them."
        )
    # Before whatever else is called `train` or `models`.
    sys.path.insert(0, str(_ROOT))
    sys.argv = [f"tfupsample train {arguments.name}", *arguments.flags]
    runpy.run_module(f"train.{arguments.name}", run_name="__main__")
    return 0


def list_trainers():
    """Returns `{name: what it does}`, read from the files; none is run."""
    files = [*(_ROOT / "train").glob("[a-z]*.py")]
    files += (_ROOT / "train").glob("*/__main__.py")
    trainers = {}
    for file in files:
        lines = (ast.get_docstring(ast.parse(file.read_text())) or "").split(
            "\n"
        )
        name = file.parent.name if file.stem == "__main__" else file.stem
        trainers[name] = lines[0]
    return dict(sorted(trainers.items()))
