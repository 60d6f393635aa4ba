"""`tfupsample inspect`: which layers of a model paint, and what to do."""

import importlib.util
import io
import itertools
import json
import pathlib

from tfupsample.commands.numbers import whole
from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import is_saved_model, load_keras


def add_arguments(parser):
    """Adds the arguments of the command."""
    parser.epilog = (
        "Status: 0 nothing paints, 1 something paints (with --strict: or may "
        "paint), 2 the file cannot be used."
    )
    parser.add_argument(
        "model", help="a .keras file or the folder of a SavedModel"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON instead of text"
    )
    parser.add_argument("--html", metavar="FILE", help="also write a page")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="status 1 also where something may paint",
    )
    parser.add_argument(
        "--samples",
        type=whole(0, 10**4),
        default=32,
        help="images or latents to run the model on; 0: do not run it "
        "(default: 32)",
    )
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="load .keras files that hold Python code, with the safe mode of "
        "Keras off: such a file can run anything, as you, on this machine",
    )
    parser.add_argument(
        "--run",
        action="store_true",
        help="also run a SavedModel: it is a program of its author's that can "
        "read and write your files; without it the graph is only read",
    )


def run(arguments):
    """Inspects, prints, and returns the status."""
    inspection = _inspect(arguments)
    if arguments.html:
        _write_page(inspection, pathlib.Path(arguments.html))
    if arguments.json:
        print(json.dumps(inspection.to_json(), indent=1))
    else:
        print(text(inspection))
    failing = ["paints"] + ["may paint"] * arguments.strict
    return int(any(map(inspection.has, failing)))


def _inspect(arguments):
    samples = arguments.samples
    if is_saved_model(arguments.model):
        from tfupsample.inspection.saved_model import inspect_saved_model

        return inspect_saved_model(arguments.model, samples * arguments.run)
    from tfupsample.inspection.inspect import inspect_model

    model = load_keras(arguments.model, arguments.unsafe)
    try:
        return inspect_model(model, probe=samples > 0, samples=samples)
    except ValueError as error:
        raise UnusableInput(
            f"{arguments.model} cannot be inspected: {error}"
        ) from error


def _write_page(inspection, path):
    from tfupsample.report.html import inspection_page
    from tfupsample.report.page import write_page

    write_page(path, inspection_page(inspection, _spectrum(inspection.probe)))


def _spectrum(probe):
    """PNG of the spectrum of what the model makes, or `None`.

    A page is of use without it, so matplotlib need not be installed.
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


def text(inspection):
    """Returns an inspection as people read it in a terminal."""
    parts = [inspection.model, _layers(inspection.layers)]
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
            _by(layer.kernel_size),
            _by(layer.strides) if max(layer.strides, default=1) > 1 else "",
            f"{layer.period} px" if layer.period else "",
            layer.severity,
        )
        for layer in layers
    ]
    return table(rows)


def _findings(findings):
    """A paragraph for each kind of finding, in which the advice stands once."""
    for (severity, kind), group in itertools.groupby(
        sorted(findings, key=lambda f: _order(findings, f)),
        key=lambda f: (f.severity, f.kind),
    ):
        group = list(group)
        messages = dict.fromkeys(f"  {f.message}" for f in group)
        rows = [(f"    {f.layer}", _size(f)) for f in group]
        yield "\n".join(
            [
                f"{severity.upper()}: {kind}",
                *messages,
                table(rows),
                f"  {group[0].advice}",
            ]
        )


def _order(findings, finding):
    """Findings of one kind together, where the first of them stands."""
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
        return f"The model was not run: {probe['skipped']}"
    rows = []
    for part in ("forward", "gradient"):
        for kind, periods in probe.get(part, {}).items():
            for period, scores in periods.items():
                rows.append(
                    (f"  {part}, {kind}", f"period {period} px")
                    + tuple(
                        f"{name.replace('_', ' ')} {value:.3g}"
                        for name, value in scores.items()
                    )
                )
    title = f"Run on {probe['samples']} samples ({probe['kind']}):"
    return "\n".join([title, table(rows)])


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
    """Returns rows of text in aligned columns."""
    width = max(map(len, rows), default=0)
    rows = [(*row, *[""] * (width - len(row))) for row in rows]
    columns = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join(cell.ljust(n) for cell, n in zip(row, columns)).rstrip()
        for row in rows
    )


def _by(sizes):
    return "×".join(map(str, sizes))
