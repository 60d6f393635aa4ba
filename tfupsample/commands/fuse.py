"""`tfupsample fuse MODEL -o OUT`: the same numbers with less arithmetic."""

import dataclasses
import json
import pathlib
import sys

from tfupsample.arguments import MOST_SIDE
from tfupsample.commands.fuse_text import text
from tfupsample.commands.numbers import integer_between
from tfupsample.commands.output import (
    check_model_paths,
    check_outputs,
    writing,
)

_SIDE = integer_between(1, MOST_SIDE)


def add_arguments(parser):
    """Adds the arguments of the command to its parser."""
    parser.description = (
        "An enlarged image holds no more than the image did, so a convolution "
        "that follows a nearest or bilinear upsampling can be computed before "
        "it: with up to four times less arithmetic at scale 2, and with the "
        "same weights and the same outputs, borders included. This command "
        "finds such pairs in a trained model, replaces each by a "
        "tfupsample.ResizeConv layer, and reports what was fused, what was "
        "not and why, and what it saves. The outputs of both models are "
        "compared before anything is written."
    )
    parser.epilog = (
        "Status: 0 fused; 2 unusable arguments or files, or nothing to fuse. "
        "Then nothing is written."
    )
    parser.add_argument("model", help="the .keras file; it is not changed")
    parser.add_argument(
        "-o", "--output", required=True, help="the .keras file to write"
    )
    parser.add_argument(
        "--size",
        type=_size,
        metavar="H,W",
        help="pixels along the axes that the model leaves open, for the "
        "figures (default 64)",
    )
    parser.add_argument(
        "--rounds",
        type=integer_between(0, 1000),
        default=15,
        help="how often both models are timed in turn (default %(default)s); "
        "0 for not at all",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the report as JSON"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace OUTPUT if it exists"
    )
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="load models that hold Python code, such as Lambda layers; such a "
        "file can do on this machine whatever its author wants",
    )


def _size(word):
    return tuple(map(_SIDE, word.split(",")))


def run(arguments):
    """Runs the command; returns its exit status."""
    source, target = map(pathlib.Path, (arguments.model, arguments.output))
    check_model_paths(source, target, "Fuse")
    check_outputs([target], arguments.overwrite)
    from tfupsample.fuse.fuse import fuse_model
    from tfupsample.model_files.loading import load_keras

    model = load_keras(source, arguments.unsafe)
    result = fuse_model(model, size=arguments.size, rounds=arguments.rounds)
    report = {"model": str(source)} | _report(result)
    if result.pairs:
        with writing(target) as partial:
            result.model.save(partial)
        report["output"] = str(target)
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        print(text(report), file=sys.stdout if result.pairs else sys.stderr)
    return 0 if result.pairs else 2


def _report(result):
    """Returns the result as plain numbers and words."""
    return {
        "fused": list(map(dataclasses.asdict, result.pairs)),
        "left": [
            {"layer": path, "reason": reason} for path, reason in result.left
        ],
        "before": result.before,
        "after": result.after,
        "difference": result.difference,
        "milliseconds": result.milliseconds,
        "output": None,
    }
