"""Formats the report of a fusion as text for a terminal."""

from tfupsample.printable import printable


def text(report):
    """Returns the report of a fusion, a dictionary, as text for a terminal."""
    lines = [
        f"Fused:       {one['resize']} and {one['convolution']} "
        f"({one['interpolation']} {_times(one['scale'])}, "
        f"{one['arithmetic']:.0%} of its arithmetic)"
        for one in report["fused"]
    ] or [
        "There is nothing to fuse: no resize before a convolution that would "
        "be faster at low resolution."
    ]
    lines += [
        f"Left:        {one['layer']}: {one['reason']}"
        for one in report["left"]
    ]
    if report["fused"]:
        lines += _figures(report)
    return "\n".join(map(printable, lines))


def _times(scale):
    return "×".join(map(str, scale))


def _figures(report):
    before, after = report["before"], report["after"]
    far = report["difference"]
    lines = [
        _line(
            "Arithmetic:",
            before,
            after,
            "multiply_adds",
            1e9,
            "billion multiply-adds",
        ),
        _line(
            "Activations:",
            before,
            after,
            "activation_bytes",
            2**20,
            "MiB at once",
        ),
    ]
    if times := report["milliseconds"]:
        lines.append(
            f"Time:        {times['before']:.1f} -> {times['after']:.1f} ms "
            f"({times['ratio']:.0%}), median of {times['rounds']} runs in turn"
        )
    return [
        *lines,
        f"Difference:  {far['absolute']:.2g}, {far['relative']:.2g} of the "
        "largest output",
        f"Model:       {report['output']}",
    ]


def _line(title, before, after, key, unit, name):
    a, b = before[key], after[key]
    return f"{title:12} {a / unit:.4g} -> {b / unit:.4g} {name} ({b / a:.0%})"
