"""Formats an inspection as text for a terminal."""

import itertools
import textwrap

from tfupsample.inspection.findings import sizes_text
from tfupsample.printable import printable
from tfupsample.report.words import explained


def text(inspection):
    """Returns an inspection as text for a terminal."""
    parts = [printable(inspection.model), _layers(inspection.layers)]
    parts += _findings(inspection.findings)
    parts.append(_probe(inspection.probe))
    parts.append(_verdict(inspection))
    return "\n\n".join(part for part in parts if part)


def _layers(layers):
    rows = [("layer", "type", "kernel", "strides", "period", "verdict")]
    rows += [
        (
            layer.layer,
            layer.type,
            sizes_text(layer.kernel_size),
            sizes_text(layer.strides)
            if max(layer.strides, default=1) > 1
            else "",
            f"{layer.period} px" if layer.period else "",
            layer.severity,
        )
        for layer in layers
    ]
    return table(rows)


def _findings(findings):
    """Returns a paragraph per kind of finding, with the advice once."""
    for (severity, kind), group in itertools.groupby(
        sorted(findings, key=lambda f: _order(findings, f)),
        key=lambda f: (f.severity, f.kind),
    ):
        group = list(group)
        messages = dict.fromkeys(f"  {printable(f.message)}" for f in group)
        rows = [(f"    {f.layer}", _size(f)) for f in group]
        yield "\n".join(
            [
                f"{severity.upper()}: {kind}",
                *messages,
                table(rows),
                f"  {printable(group[0].advice)}",
            ]
        )


def _order(findings, finding):
    """Groups findings by kind, in the order of the first of each kind."""
    return next(
        i
        for i, f in enumerate(findings)
        if (f.severity, f.kind) == (finding.severity, finding.kind)
    )


def _size(finding):
    parts = [f"period {finding.period} px"] if finding.period else []
    if finding.magnitude is not None:
        number = (
            f"{finding.magnitude:.0f}"
            if finding.unit.startswith("px")
            else f"{finding.magnitude:.0%}"
        )
        parts.append(f"{number} {finding.unit}")
    return ", ".join(parts)


def _probe(probe):
    if "skipped" in probe:
        return f"The model was not run: {printable(probe['skipped'])}"
    rows, names = [], []
    for part in ("forward", "gradient"):
        for kind, periods in probe.get(part, {}).items():
            for period, scores in periods.items():
                names += scores
                rows.append(
                    (f"  {part}, {kind}", f"period {period} px")
                    + tuple(
                        f"{name.replace('_', ' ')} {value:.3g}"
                        for name, value in scores.items()
                    )
                )
    title = f"Run on {probe['samples']} samples ({probe['kind']}):"
    words = [
        textwrap.fill(
            f"{name.replace('_', ' ')}: {meaning}",
            78,
            initial_indent="  ",
            subsequent_indent="    ",
        )
        for name, meaning in explained(names).items()
    ]
    return "\n".join([title, table(rows), *words])


def _verdict(inspection):
    counts = [
        f"{sum(f.severity == s for f in inspection.findings)} {label}"
        for s, label in (
            ("paints", "that paint"),
            ("may paint", "that may paint"),
            ("note", "notes"),
        )
    ]
    return f"Findings: {', '.join(counts)}."


def table(rows):
    """Returns rows of text in aligned columns, each cell on one line."""
    width = max(map(len, rows), default=0)
    rows = [[*map(printable, row), *[""] * (width - len(row))] for row in rows]
    columns = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join(cell.ljust(n) for cell, n in zip(row, columns)).rstrip()
        for row in rows
    )
