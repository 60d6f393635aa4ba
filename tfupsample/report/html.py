"""One-file HTML pages: what an inspection found, what a repair changed."""

from tfupsample.inspection.findings import sizes_text
from tfupsample.report.explorer import SCRIPTS, STYLES, explorer
from tfupsample.report.page import page, picture
from tfupsample.report.tables import (
    Html,
    element,
    join,
    overlap_pattern,
    table,
)
from tfupsample.report.words import explained

_VERDICTS = {
    "paints": "This model paints a pattern or a border",
    "may paint": "This model may paint a pattern or a border",
    "note": "This model paints no pattern",
    "clean": "Nothing here paints",
}
_COUNTS = {
    "paints": "that paint",
    "may paint": "that may paint",
    "note": "notes",
}
_SCORES = {
    "prominence_db": "Prominence (dB)",
    "worst_db": "Worst harmonic (dB)",
    "coherent": "Coherent score",
}


def inspection_page(inspection, spectrum_png=None, source=""):
    """Returns an inspection as one HTML file that loads nothing else.

    Args:
        inspection: A `tfupsample.inspection.findings.Inspection`.
        spectrum_png: PNG of the spectrum of what the model makes, as bytes.
        source: The file that was inspected, for the title; the name of the
            model where there is none.
    """
    report = inspection.to_json()
    subject = source or report["model"]
    findings, layers = report["findings"], report["layers"]
    parts = [
        _lead(subject, findings),
        panel("Findings", _findings(findings)) if findings else "",
        panel("What the whole model does", _probe(report["probe"])),
        panel("Spectrum", _spectrum(spectrum_png)) if spectrum_png else "",
        panel("Layers", _layers(layers)) if layers else "",
        explorer(**_preset(findings, layers)),
    ]
    return report_page(f"Inspection of {subject}", parts, SCRIPTS)


def repair_page(report, before_after_png=None):
    """Returns what a repair changed as one HTML file that loads nothing else.

    Args:
        report: What `tfupsample repair --json` prints.
        before_after_png: PNG of pictures before and after, as bytes; none for
            models that make no pictures.
    """
    parts = [
        _repaired(report),
        panel("Pictures", _before_after(before_after_png))
        if before_after_png
        else "",
        panel("Scores", _changes(report["before"], report["after"])),
        panel("How far each layer moved", _movement(report["moved"])),
    ]
    return report_page(f"Repair of {report['model']}", parts)


def report_page(title, parts, scripts=(), styles=STYLES[1:]):
    """Returns a page in the style of reports.

    Args:
        title: Any text.
        parts: HTML of its parts, such as `heading` and `panel` return.
        scripts: As for `page`.
        styles: As for `page`, beyond those of reports.
    """
    styles = ("page.css", "report.css", *styles)
    return page(title, element("main", join(map(Html, parts))), styles, scripts)


def heading(subject, label, title, note=""):
    """Returns the head of a report: "<label> <subject>", title and note."""
    eyebrow = join([f"{label} ", element("code", subject)])
    return element(
        "header",
        join(
            [
                element("p", eyebrow, "eyebrow"),
                element("h1", title),
                element("p", note) if note else "",
            ]
        ),
        "lead",
    )


def panel(title, content):
    """Returns a part of a report under a title."""
    return element(
        "section", join([element("h2", title), content]), "panel report"
    )


def _lead(model, findings):
    severities = [finding["severity"] for finding in findings]
    worst = next((s for s in _VERDICTS if s in severities), "clean")
    counts = [f"{severities.count(s)} {name}" for s, name in _COUNTS.items()]
    note = f"Findings: {', '.join(counts)}."
    return heading(model, "Inspection of", _VERDICTS[worst], note)


def _findings(findings):
    columns = ("Layer", "Finding", "Period", "Magnitude", "Verdict")
    return table(columns, map(_finding, findings))


def _finding(finding):
    told = [
        element("strong", finding["kind"].capitalize()),
        element("p", finding["message"]),
        element("p", finding["advice"], "note"),
    ]
    return [
        element("code", finding["layer"]),
        join(told),
        f"{finding['period']} px" if finding["period"] else "",
        _magnitude(finding["magnitude"], finding["unit"]),
        _badge(finding["severity"]),
    ]


def _magnitude(value, unit):
    if value is None:
        return ""
    return f"{value:.0f} {unit}" if unit[:2] == "px" else f"{value:.0%} {unit}"


def _badge(severity):
    return element("span", severity, f"badge {severity.split()[0]}")


def _layers(layers):
    columns = (
        "Layer",
        "Type",
        "Kernel",
        "Strides",
        "Period",
        "Overlap",
        "Verdict",
    )
    return table(columns, map(_layer, layers))


def _layer(layer):
    transposed = layer["role"] == "transposed convolution"
    sizes = layer["kernel_size"], layer["strides"]
    return [
        element("code", layer["layer"]),
        layer["type"],
        *map(sizes_text, sizes),
        f"{layer['period']} px" if layer["period"] else "",
        overlap_pattern(*sizes) if transposed else "",
        _badge(layer["severity"]),
    ]


def _probe(probe):
    if "skipped" in probe:
        return element("p", f"The model was not run. {probe['skipped']}")
    rows = {
        (part, given, period): scores
        for part in ("forward", "gradient")
        for given, periods in probe.get(part, {}).items()
        for period, scores in periods.items()
    }
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    columns = ("Where", "Input", "Period", *map(_measure, names))
    words = [
        f"{_measure(name)}: {meaning}."
        for name, meaning in explained(names).items()
    ]
    note = " ".join([f"The model ran on {probe['samples']} samples.", *words])
    scores = [
        [part, given, f"{period} px", *map(row.get, names)]
        for (part, given, period), row in rows.items()
    ]
    return join([element("p", note), table(columns, scores)])


def _measure(name):
    unit = " (dB)" if name.endswith("prominence") else ""
    return name.replace("_", " ").capitalize() + unit


def _spectrum(png):
    shown = picture(png, "Power spectrum of what the model makes")
    note = (
        "A pattern that repeats stands out as peaks at multiples of one over "
        "its period."
    )
    return join([Html(f"<figure>{shown}</figure>"), element("p", note)])


def _repaired(report):
    steps, psnr = report["distillation_steps"], report["psnr_db"]
    then = f", then {steps} steps of distillation" if steps else ""
    stopped = f" ({report['stopped']})" if report["stopped"] else ""
    kept = (
        ""
        if psnr is None
        else (f" The outputs keep {psnr:.1f} dB PSNR to the unrepaired ones.")
    )
    note = f"Method: {report['method']}{then}{stopped}.{kept}"
    note = " ".join([note, *report["warnings"], *report["notes"]])
    title = "No pattern is left" if report["clean"] else "A pattern is left"
    if not report["before"]:
        title = "Repaired, not measured"
    return heading(report["model"], "Repair of", title, note)


def _before_after(png):
    shown = picture(png, "Pictures before and after, and their difference")
    note = (
        "Each picture with a detail beside it, four times as large, where the "
        "repair changed most."
    )
    return join([Html(f"<figure>{shown}</figure>"), element("p", note)])


def _changes(before, after):
    note = (
        "Before → after. The coherent score is the share of the pictures' "
        "spread that the same pattern has in all of them; prominence is how "
        "far the pattern's frequencies stand out of their surroundings, on "
        "average (mean) and at most (worst). 0 and 0 dB: no pattern."
    )
    rows = [
        [f"{period} px"]
        + [_change(before[period], after[period], name) for name in _SCORES]
        for period in before
    ]
    columns = ("Period", *_SCORES.values())
    return join([element("p", note), table(columns, rows)])


def _change(before, after, name):
    if before[name] is None:
        return "picture too small"
    return f"{before[name]:.3g} → {after[name]:.3g}"


def _movement(moved):
    note = (
        "The change of its weights, as a share of their norm. Other layers are "
        "as they were."
    )
    rows = [
        [element("code", layer), f"{share:.1%}"]
        for layer, share in moved.items()
    ]
    return join([element("p", note), table(("Layer", "Movement"), rows)])


def _preset(findings, layers):
    """Kernel size and stride of the layer with the worst finding."""
    by_name = {layer["layer"]: layer for layer in layers}
    found = (by_name.get(finding["layer"], {}) for finding in findings)
    sized = (f for f in found if f.get("kernel_size") and f.get("strides"))
    worst = next(sized, None)
    if worst is None:
        return {}
    return {
        "kernel_size": max(worst["kernel_size"]),
        "stride": max(worst["strides"]),
    }
