"""Formats the report of a repair as text for a terminal."""

import math

from tfupsample.printable import printable
from tfupsample.repair.choices import CLEAN_DB


def text(report):
    """Returns the report of a repair, a dictionary, as text for a terminal."""
    lines = [*report["warnings"], *report["notes"]]
    if report["method"] != "none":
        lines += _lines_of_repair(report)
    if len(report["tried"]) > 1 or report["warnings"]:
        lines += ["Tried:"]
        lines += [f"  {name}: {found}" for name, found in report["tried"]]
    if report["output"]:
        lines.append(f"Model:    {report['output']}")
    if report["picture"]:
        lines.append(f"Picture:  {report['picture']}")
    return "\n".join(map(printable, lines))


def _lines_of_repair(report):
    steps, stopped = report["distillation_steps"], report["stopped"]
    then = f", then {steps} steps of distillation" if steps else ""
    lines = [
        f"Method:   {report['method']}{then}"
        + (f" ({stopped})" if stopped else ""),
        f"Layers:   {', '.join(report['layers'])}",
        f"PSNR:     {report['psnr_db'] or math.inf:.1f} dB to the unrepaired "
        "outputs",
    ]
    for period, before in report["before"].items():
        lines.append(_line_of_period(period, before, report["after"][period]))
    for path, distance in report["moved"].items():
        lines.append(f"Moved:    {path} by {distance:.1%} (relative L2)")
    if not report["clean"] and report["before"]:
        lines.append(f"A period is still above {CLEAN_DB} dB.")
    return lines


def _line_of_period(period, before, after):
    """Returns the scores of a period, in dB if the pictures allow it."""
    coherent = f"coherent {before['coherent']:.4f} -> {after['coherent']:.4f}"
    if before["prominence_db"] is None:
        return f"Period {period}: {coherent}"
    return (
        f"Period {period}: prominence over its surroundings, mean "
        f"{before['prominence_db']:.1f} -> {after['prominence_db']:.1f} dB, "
        f"worst {before['worst_db']:.1f} -> {after['worst_db']:.1f} dB, "
        f"{coherent}"
    )
