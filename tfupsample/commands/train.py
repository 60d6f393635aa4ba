"""`tfupsample train NAME`: a trainer of the zoo, from any folder.

It does what `python -m train.NAME` does in a checkout of this project, but
also works beside a `train.py` or a folder `models` of the user's own.
"""

import argparse
import ast
import difflib
import runpy
import shutil
import sys
import textwrap
import traceback

from tfupsample.errors import UnusableInput
from tfupsample.pretrained.zoo import FOLDER, import_package

_ROOT = FOLDER.parent
_COLUMN = 24  # the column that says what a trainer does


def add_arguments(parser):
    """Adds the arguments of the command."""
    parser.usage = "tfupsample train [NAME [--help] [FLAGS]]"
    parser.add_argument(
        "name", nargs="?", help="the trainer; without a name, all are listed"
    )
    parser.add_argument(
        "flags",
        nargs=argparse.REMAINDER,
        help="its flags; tfupsample train NAME --help lists them",
    )


def run(arguments):
    """Runs the trainer, which usually ends the program; returns the status."""
    trainers = list_trainers()
    if arguments.name is None:
        print(_table(trainers))
        return 0
    if arguments.name not in trainers:
        near = difflib.get_close_matches(arguments.name, trainers, 3, 0.4)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise UnusableInput(
            f"There is no trainer {arguments.name!r}. {hint}tfupsample train "
            "lists them all."
        )
    for package in ("models", "train"):
        import_package(package, _ROOT / package)
    sys.argv = [f"tfupsample train {arguments.name}", *arguments.flags]
    try:
        runpy.run_module(f"train.{arguments.name}", run_name="__main__")
    except Exception:  # a defect, with which a trainer ends in a traceback
        traceback.print_exc()
        return 1
    return 0


def list_trainers():
    """Returns `{name: what it does}`, read from the files; none is run."""
    folder = _ROOT / "train"
    files = {file.stem: file for file in folder.glob("*.py")}
    files |= {file.parent.name: file for file in folder.glob("*/__main__.py")}
    return {
        name: _first_line(text)
        for name, file in sorted(files.items())
        if "__main__" in (text := file.read_text(encoding="utf-8"))
    }


def _first_line(code):
    return (ast.get_docstring(ast.parse(code)) or "").partition("\n")[0]


def _table(trainers):
    """Returns a row for each trainer, as wide as the terminal."""
    width = max(shutil.get_terminal_size().columns, 2 * _COLUMN)
    return "\n".join(
        textwrap.fill(
            text,
            width,
            initial_indent=f"{name:{_COLUMN}}",
            subsequent_indent=" " * _COLUMN,
        )
        for name, text in trainers.items()
    )
