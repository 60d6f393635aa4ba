"""`tfupsample repair MODEL -o OUT`: repairs a model without data or labels."""

import json
import pathlib

import numpy as np
from PIL import Image

from tfupsample.arguments import MOST_SIDE
from tfupsample.commands.numbers import finite, whole
from tfupsample.errors import UnusableInput
from tfupsample.inspection.upsamplings import channel_axis
from tfupsample.model_files.atomic import new_path
from tfupsample.model_files.loading import is_saved_model, load_keras
from tfupsample.ops.padding import PAD_MODES
from tfupsample.ops.phase_form import INTERPOLATIONS
from tfupsample.repair import inputs
from tfupsample.repair.repair import (
    CLEAN_DB,
    DISTILL_STEPS,
    FAITHFUL_DB,
    METHODS,
    repair_model,
)
from tfupsample.repair.scores import data_range, pictures

_ZOOM = 2  # screen pixels of a pixel in the picture


def add_arguments(parser):
    """Adds the arguments of the command to its parser."""
    parser.add_argument("model", help="the .keras file; it is not changed")
    parser.add_argument(
        "-o", "--output", required=True, help="the .keras file to write"
    )
    _add_method(parser)
    _add_inputs(parser)
    parser.add_argument(
        "--json", action="store_true", help="print the report as JSON"
    )
    parser.add_argument(
        "--html", metavar="FILE", help="write the report as one HTML file"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace an existing OUTPUT"
    )
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="load models that hold Python code, such as Lambda layers; such a "
        "file can do on this machine whatever its author wants",
    )


def _add_method(parser):
    parser.add_argument(
        "--method",
        choices=METHODS,
        help="balance: equal phase gains; resize: resize-convolutions for "
        "transposed ones; smooth: the mean over the stride after the layer; "
        "pad: another border for the convolutions. By default the last layer "
        f"is balanced if that brings all periods below {CLEAN_DB} dB and the "
        f"pictures stay within {FAITHFUL_DB} dB, else all are and "
        f"{DISTILL_STEPS} steps of distillation follow",
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
        help="of --method=resize",
    )
    parser.add_argument(
        "--pad_mode",
        choices=PAD_MODES,
        help="of --method=pad (default symmetric) and resize (constant)",
    )
    parser.add_argument(
        "--distill",
        type=whole(0, 10**6),
        metavar="STEPS",
        help="train the repaired model to imitate the unrepaired one",
    )


def _add_inputs(parser):
    parser.add_argument(
        "--images",
        metavar="FOLDER",
        help="pictures as inputs of a model that takes images; smooth noise "
        "by default",
    )
    parser.add_argument(
        "--input_range",
        nargs=2,
        type=finite,
        default=(-1.0, 1.0),
        metavar=("LOW", "HIGH"),
        help="values of black and white in the model's input (default -1 1)",
    )
    parser.add_argument(
        "--size",
        type=whole(1, MOST_SIDE),
        help="pixels a side of the inputs where the model leaves it open "
        "(default 64)",
    )


def run(arguments):
    """Runs the command; returns its exit status."""
    source, target = map(pathlib.Path, (arguments.model, arguments.output))
    _check_paths(source, target, arguments.overwrite)
    model = load_keras(source, arguments.unsafe)
    result = repair_model(
        model,
        _draw(model, arguments),
        arguments.method,
        arguments.layers,
        arguments.distill,
        arguments.interpolation,
        arguments.pad_mode,
        verbose=0 if arguments.json else 1,
    )
    picture = target.with_name(f"{target.stem}_before_after.png")
    _write(target, result.model.save)
    shown = _before_after(result, channel_axis(model))
    if shown is not None:
        _write(picture, shown.save)
    report = _report(result) | {
        "output": str(target),
        "picture": str(picture) if shown is not None else None,
    }
    if arguments.html:
        _write_page(pathlib.Path(arguments.html), report)
    print(json.dumps(report, indent=1) if arguments.json else _text(report))
    return 0


def _write_page(path, report):
    from tfupsample.report.html import repair_page

    picture = report["picture"] and pathlib.Path(report["picture"]).read_bytes()
    page = repair_page(report, picture)
    _write(path, lambda partial: partial.write_text(page, encoding="utf-8"))


def _check_paths(source, target, overwrite):
    if is_saved_model(source):
        raise UnusableInput(
            f"{source} is a SavedModel, a graph without layers that could be "
            "exchanged. Repair the .keras file it was exported from."
        )
    if target.suffix != ".keras":
        raise UnusableInput(f"The output must end in .keras, not {target}.")
    if source.resolve() == target.resolve():
        raise UnusableInput("The output must be another file than the model.")
    if target.exists() and not overwrite:
        raise UnusableInput(f"{target} exists. Use --overwrite to replace it.")
    if not target.absolute().parent.is_dir():
        raise UnusableInput(f"There is no folder {target.parent}.")


def _draw(model, arguments):
    limits, size = tuple(arguments.input_range), arguments.size
    if limits[0] >= limits[1]:
        raise UnusableInput(
            "--input_range must be two numbers, the smaller first. "
            f"Received: {limits}"
        )
    if arguments.images:
        return inputs.folder_inputs(model, arguments.images, limits, size)
    return inputs.random_inputs(model, limits, size)


def _write(path, save):
    """Writes a file, all or nothing."""
    try:
        with new_path(path) as partial:
            save(partial)
    except OSError as error:
        raise UnusableInput(f"{path} cannot be written: {error}") from error


def _report(result):
    """The result as plain numbers and words."""
    return {
        "method": result.method,
        "layers": result.layers,
        "distillation_steps": result.steps,
        "moved": result.moved,
        "before": result.before,
        "after": result.after,
        "psnr_db": result.psnr_db,
        "clean": result.clean,
    }


def _text(report):
    steps = report["distillation_steps"]
    lines = [
        f"Method:   {report['method']}"
        + (f", then {steps} steps of distillation" if steps else ""),
        f"Layers:   {', '.join(report['layers'])}",
        f"PSNR:     {report['psnr_db']:.1f} dB against the unrepaired outputs",
    ]
    for period, before in report["before"].items():
        after = report["after"][period]
        lines.append(
            f"Period {period}: mean prominence "
            f"{before['prominence_db']:.1f} -> {after['prominence_db']:.1f} "
            f"dB, worst {before['worst_db']:.1f} -> {after['worst_db']:.1f} "
            f"dB, coherent {before['coherent']:.4f} -> "
            f"{after['coherent']:.4f}"
        )
    for path, distance in report["moved"].items():
        lines.append(f"Moved:    {path} by {distance:.1%} (relative L2)")
    if not report["clean"]:
        lines.append(f"A period is still above {CLEAN_DB} dB.")
    lines.append(f"Model:    {report['output']}")
    if report["picture"]:
        lines.append(f"Picture:  {report['picture']} (above: before)")
    return "\n".join(lines)


def _before_after(result, axis):
    """The first outputs, unrepaired above repaired; `None` if no images."""
    rows = [pictures(images, axis) for images in result.outputs]
    if rows[0] is None:
        return None
    low = rows[0].min()
    low = 0 if low >= 0 else min(-1, low)
    span = data_range(rows[0])
    tiles = [np.concatenate(list(row[:8]), axis=1) for row in rows]
    pixels = (np.concatenate(tiles) - low) / span * 255
    pixels = np.clip(np.rint(pixels), 0, 255).astype("uint8")
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    return image.resize(
        (_ZOOM * image.width, _ZOOM * image.height), Image.Resampling.NEAREST
    )
