"""`tfupsample apply MODEL IN -o OUT`: pictures through a trained model."""

import pathlib
import sys

from tfupsample.commands.progress import Progress
from tfupsample.errors import UnusableInput
from tfupsample.images import files
from tfupsample.printable import printable


def add_arguments(parser):
    """Adds the arguments of the command."""
    parser.epilog = (
        "Status: 0 done, 1 some pictures of a folder could not be used, 2 "
        "unusable arguments or files."
    )
    parser.add_argument(
        "model",
        help="the name of a trained model (see tfupsample list), or the folder "
        "of a finished run of train.style_transfer, train.super_resolution, "
        "train.autoencoder or train.segmentation, which paints the classes",
    )
    parser.add_argument(
        "input",
        type=pathlib.Path,
        help=f"a {files.FORMATS} file, or a folder of them",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        required=True,
        help="the file to write, or the folder where INPUT is one",
    )
    parser.add_argument(
        "--style",
        default="",
        help="for a model of styles: a name, or several with shares, such as "
        "NAME:0.5,NAME:0.5 (default: the first style)",
    )


def run(arguments):
    """Writes the pictures; returns the exit status."""
    pairs = _pairs(arguments.input, arguments.output)
    from tfupsample.pretrained.apply import picture_function

    function = picture_function(arguments.model, arguments.style)
    if arguments.input.is_file():
        _apply(function, *pairs[0], Progress("tile"))
        print(printable(arguments.output))
        return 0
    return _apply_all(function, pairs, Progress("picture"))


def _pairs(source, target):
    """Returns pairs of paths to read and to write, in order."""
    if source.is_file():
        files.check_suffix(target)
        if target.resolve() == source.resolve():
            raise UnusableInput("The output must be another file than INPUT.")
        return [(source, target)]
    if not source.is_dir():
        raise UnusableInput(f"There is no file or folder {source}.")
    if target.is_file() or target.resolve().is_relative_to(source.resolve()):
        raise UnusableInput(
            f"The output of a folder must be a folder outside it, not {target}."
        )
    found = files.list_pictures(source)
    if not found:
        raise UnusableInput(f"There are no {files.FORMATS} files in {source}.")
    return [(path, target / path.relative_to(source)) for path in found]


def _apply_all(function, pairs, progress):
    """Applies the model to all; an unusable picture does not stop it."""
    failures = []
    for done, (source, target) in enumerate(pairs, 1):
        try:
            _apply(function, source, target)
        except UnusableInput as error:
            failures.append(str(error))
        progress(done, len(pairs))
    for failure in failures:
        print(printable(failure), file=sys.stderr)
    print(f"{len(pairs) - len(failures)} of {len(pairs)} pictures written")
    return int(bool(failures))


def _apply(function, source, target, progress=None):
    result = function(files.read(source), progress)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableInput(f"{target} cannot be written: {error}") from error
    files.write(target, result)
