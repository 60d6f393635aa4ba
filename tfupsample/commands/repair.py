"""`tfupsample repair MODEL -o OUT`: repairs a model without data or labels."""

import base64
import io
import json
import math
import pathlib
import shutil
import sys

import numpy as np

from tfupsample.arguments import INTERPOLATIONS, MOST_SIDE, PAD_MODES
from tfupsample.commands.numbers import finite, integer_between
from tfupsample.commands.output import (
    ONNX,
    UNTRUSTED,
    add_model_arguments,
    check_model_paths,
    check_outputs,
    writing,
)
from tfupsample.commands.repair_text import text
from tfupsample.errors import UnusableInput
from tfupsample.model_files import sandbox
from tfupsample.model_files.kinds import kind_of
from tfupsample.repair.choices import (
    CLEAN_DB,
    CLOSE_DB,
    DISTILL_STEPS,
    FAITHFUL_DB,
    METHODS,
)


def add_arguments(parser):
    """Adds the arguments of the command to its parser."""
    parser.epilog = (
        "Status: 0 repaired, or clean and copied as it is; 2 unusable "
        "arguments or files, or no repair that makes nothing worse. Then "
        "nothing is written. An .onnx file is opened in a process of its own, "
        "with limits on memory, time and access to files, and repaired in "
        "closed form: by balance, ramps, resize or pad."
    )
    add_model_arguments(parser)
    _add_method(parser)
    _add_inputs(parser)
    parser.add_argument(
        "--html", metavar="FILE", help="write the report as one HTML file"
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace OUTPUT, its picture and the report if they exist",
    )
    parser.add_argument(
        "--least_psnr",
        type=finite,
        default=FAITHFUL_DB,
        metavar="DB",
        help="how close the outputs must stay to the unrepaired ones "
        f"(default {FAITHFUL_DB:g} dB PSNR)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="write the result of --method even if it makes something worse",
    )


def _add_method(parser):
    parser.add_argument(
        "--method",
        choices=METHODS,
        help="balance: equal phase gains; ramps: equal first moments of the "
        "phases too; resize: resize-convolutions for transposed ones; smooth: "
        "the mean over the stride after the layer; pad: another border for the "
        "convolutions. By default the last layer is balanced, replaced by a "
        "resize-convolution, made to keep ramps, and smoothed; then all layers "
        "are balanced, or replaced by bilinear resize-convolutions, and "
        f"distilled for {DISTILL_STEPS} steps. The first of these repairs that "
        f"brings every period below {CLEAN_DB} dB, makes nothing worse and has "
        f"a PSNR of {CLOSE_DB:g} dB (or is distilled) ends the search; the "
        "best one is kept",
    )
    parser.add_argument(
        "--layers",
        help="last, all, or names or paths joined by commas; last by default, "
        "all with --distill and for --method=pad",
    )
    parser.add_argument(
        "--interpolation",
        choices=INTERPOLATIONS,
        default="nearest",
        help="interpolation of --method=resize (default %(default)s)",
    )
    parser.add_argument(
        "--pad_mode",
        choices=PAD_MODES,
        help="border that --method=pad (default symmetric) and resize (default "
        "constant) give the layers",
    )
    parser.add_argument(
        "--distill",
        type=integer_between(0, 10**6),
        metavar="STEPS",
        help="train the repaired model to imitate the unrepaired one",
    )


def _add_inputs(parser):
    parser.add_argument(
        "--images",
        metavar="FOLDER",
        help="pictures as inputs of a model that takes images; random discs "
        "by default",
    )
    parser.add_argument(
        "--input_range",
        nargs=2,
        type=finite,
        metavar=("LOW", "HIGH"),
        help="values of black and white in the model's input (default -1 1); "
        "if it makes pictures of pictures, also the range to which PSNR is "
        "relative, by default that of the outputs",
    )
    parser.add_argument(
        "--size",
        type=integer_between(1, MOST_SIDE),
        help="pixels a side of the inputs if the model leaves their size open "
        "(default 64)",
    )


def run(arguments):
    """Runs the command; returns its exit status."""
    source, target = map(pathlib.Path, (arguments.model, arguments.output))
    picture = target.with_name(f"{target.stem}_before_after.png")
    page = pathlib.Path(arguments.html) if arguments.html else None
    check_model_paths(source, target, "Repair")
    check_outputs([target, picture, page], arguments.overwrite)
    _check_limits(arguments)
    repair = _repaired_onnx if source.suffix == ONNX else _repaired_keras
    fields, save = repair(source, arguments)
    report = {"model": str(source)} | _report(fields)
    usable = fields["accepted"] or (arguments.force and arguments.method)
    if usable:
        report |= _write(fields, save, source, target, picture)
    if page and usable:
        _write_page(page, report)
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        print(text(report), file=sys.stdout if usable else sys.stderr)
    return 0 if usable else 2


def _check_limits(arguments):
    limits = arguments.input_range
    if limits and limits[0] >= limits[1]:
        raise UnusableInput(
            "--input_range must be two numbers, the smaller first. "
            f"Received: {tuple(limits)}"
        )


def _repaired_keras(source, arguments):
    """Returns the fields of a `Repaired`, and what writes its model."""
    from tfupsample.model_files.loading import load_keras
    from tfupsample.repair.repair import repair_model

    model = load_keras(source, arguments.unsafe)
    result = repair_model(
        model,
        _draw(model, arguments),
        arguments.method,
        arguments.layers,
        arguments.distill,
        arguments.interpolation,
        arguments.pad_mode,
        arguments.least_psnr,
        _output_range(model, arguments),
        # A file would keep each step of the progress bar.
        verbose=int(sys.stdout.isatty() and not arguments.json),
    )
    return vars(result) | {"accepted": result.accepted}, result.model.save


def _repaired_onnx(source, arguments):
    kind_of(source)  # before a process starts in vain
    fields = sandbox.call(
        "tfupsample.repair.onnx.repair:repair_file",
        {
            "path": str(source),
            "folder": arguments.images,
            "limits": arguments.input_range,
            "size": arguments.size,
            "method": arguments.method,
            "layers": arguments.layers,
            "steps": arguments.distill,
            "interpolation": arguments.interpolation,
            "pad_mode": arguments.pad_mode,
            "least_psnr": arguments.least_psnr,
        },
        source,
        trusted=arguments.unsafe,
        advice=UNTRUSTED,
    )
    content = base64.b64decode(fields["model"])
    fields["outputs"] = [
        np.load(io.BytesIO(base64.b64decode(one)), allow_pickle=False)
        for one in fields["outputs"]
    ]
    return fields, lambda path: path.write_bytes(content)


def _draw(model, arguments):
    from tfupsample.repair import inputs

    limits, size = tuple(arguments.input_range or (-1.0, 1.0)), arguments.size
    if arguments.images:
        return inputs.folder_inputs(model, arguments.images, limits, size)
    return inputs.random_inputs(model, limits, size)


def _output_range(model, arguments):
    """Returns the range for PSNR if the user named that of pictures."""
    from_pictures = any(len(tensor.shape) == 4 for tensor in model.inputs)
    if arguments.input_range is None or not from_pictures:
        return None
    return arguments.input_range[1] - arguments.input_range[0]


def _write(fields, save, source, target, picture):
    """Writes model and picture; returns their paths for the report."""
    from tfupsample.report.before_after import before_after

    if fields["method"] == "none":
        with writing(target) as partial:
            shutil.copyfile(source, partial)
        return {"output": str(target), "picture": None}
    with writing(target) as partial:
        save(partial)
    if fields["outputs"][0].ndim != 4:
        return {"output": str(target), "picture": None}
    with writing(picture) as partial:
        before_after(*fields["outputs"]).save(partial)
    return {"output": str(target), "picture": str(picture)}


def _write_page(path, report):
    from tfupsample.report.html import repair_page

    picture = report["picture"] and pathlib.Path(report["picture"]).read_bytes()
    with writing(path) as partial:
        partial.write_text(repair_page(report, picture), encoding="utf-8")


def _report(fields):
    """Returns the fields of a `Repaired` as plain numbers and words."""
    psnr_db = fields["psnr_db"]
    return {
        "method": fields["method"],
        "layers": fields["layers"],
        "distillation_steps": fields["steps"],
        "stopped": fields["stopped"],
        "moved": fields["moved"],
        "before": fields["before"],
        "after": fields["after"],
        "spread": fields["spread"],
        "border": fields["border"],
        "psnr_db": psnr_db if math.isfinite(psnr_db) else None,
        "clean": fields["clean"],
        "accepted": fields["accepted"],
        "warnings": fields["warnings"],
        "notes": fields["notes"],
        "tried": fields["tried"],
        "output": None,
        "picture": None,
    }
