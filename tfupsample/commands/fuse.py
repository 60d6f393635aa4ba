"""`tfupsample fuse MODEL -o OUT`: the same numbers with less arithmetic."""

import base64
import dataclasses
import json
import pathlib
import sys

from tfupsample.arguments import MOST_SIDE
from tfupsample.commands.fuse_text import text
from tfupsample.commands.numbers import integer_between
from tfupsample.commands.output import (
    ONNX,
    UNTRUSTED,
    add_model_arguments,
    check_model_paths,
    check_outputs,
    writing,
)
from tfupsample.model_files import sandbox
from tfupsample.model_files.kinds import kind_of

_SIDE = integer_between(1, MOST_SIDE)


def add_arguments(parser):
    """Adds the arguments of the command to its parser."""
    parser.description = (
        "An enlarged image holds no more than the image did, so a convolution "
        "that follows a nearest or bilinear upsampling can be computed before "
        "it: with up to four times less arithmetic at scale 2, and with the "
        "same weights and the same outputs, borders included. This command "
        "finds such pairs in a trained model, replaces each by a "
        "tfupsample.ResizeConv layer, or by nodes of an ONNX file, and reports "
        "what was fused, what was not and why, and what it saves. The outputs "
        "of both models are compared before anything is written."
    )
    parser.epilog = (
        "Status: 0 fused; 2 unusable arguments or files, or nothing to fuse. "
        "Then nothing is written. An .onnx file is opened in a process of its "
        "own, with limits on memory, time and access to files."
    )
    add_model_arguments(parser)
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
        "--overwrite", action="store_true", help="replace OUTPUT if it exists"
    )


def _size(word):
    return tuple(map(_SIDE, word.split(",")))


def run(arguments):
    """Runs the command; returns its exit status."""
    source, target = map(pathlib.Path, (arguments.model, arguments.output))
    check_model_paths(source, target, "Fuse")
    check_outputs([target], arguments.overwrite)
    fuse = _fused_onnx if source.suffix == ONNX else _fused_keras
    fields, save = fuse(source, arguments)
    report = {"model": str(source)} | _report(fields)
    if report["fused"]:
        with writing(target) as partial:
            save(partial)
        report["output"] = str(target)
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        stream = sys.stdout if report["fused"] else sys.stderr
        print(text(report), file=stream)
    return 0 if report["fused"] else 2


def _fused_keras(source, arguments):
    """Returns the fields of a `Fused`, and a function that writes its model."""
    from tfupsample.fuse.fuse import fuse_model
    from tfupsample.model_files.loading import load_keras

    model = load_keras(source, arguments.unsafe)
    result = fuse_model(model, size=arguments.size, rounds=arguments.rounds)
    fields = vars(result) | {
        "pairs": list(map(dataclasses.asdict, result.pairs))
    }
    return fields, result.model.save


def _fused_onnx(source, arguments):
    kind_of(source)  # before a process starts in vain
    fields = sandbox.call(
        "tfupsample.fuse.onnx.fuse:fuse_file",
        {
            "path": str(source),
            "size": arguments.size,
            "rounds": arguments.rounds,
        },
        source,
        trusted=arguments.unsafe,
        advice=UNTRUSTED,
    )
    content = base64.b64decode(fields["model"])
    return fields, lambda path: path.write_bytes(content)


def _report(fields):
    """Returns the fields of a `Fused` as plain numbers and words."""
    return {
        "fused": fields["pairs"],
        "left": [
            {"layer": path, "reason": reason} for path, reason in fields["left"]
        ],
        "before": fields["before"],
        "after": fields["after"],
        "difference": fields["difference"],
        "milliseconds": fields["milliseconds"],
        "output": None,
    }
