"""Draws what several runs logged, over one another."""

import io
import math

from tfupsample.errors import UnusableInput

_COLUMNS = 3
_NOT_DRAWN = ("epoch", "step")


def curves_png(metrics):
    """Returns a PNG with one diagram for each metric, as bytes.

    Args:
        metrics: `{run: [metrics of an epoch, ...]}`; steps are on the axis.

    Raises:
        UnusableInput: if Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UnusableInput(
            "Curves need Matplotlib: pip install 'tfupsample[plots]'."
        ) from error
    names = _names(metrics)
    rows = math.ceil(len(names) / _COLUMNS)
    size = (11, 0.5 + 2.6 * rows)
    figure = Figure(figsize=size, dpi=144, layout="constrained")
    panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for axes, name in zip(panels, names):
        axes.set(title=_plain(name), xlabel="step")
        for run, lines in metrics.items():
            steps, values = _points(lines, name)
            axes.plot(steps, values, ".-", label=_plain(run))
    for axes in panels[len(names) :]:
        axes.remove()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", frameon=False)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _names(metrics):
    """All that was logged by any run, in the order of the first one."""
    lines = (line for lines in metrics.values() for line in lines)
    names = dict.fromkeys(name for line in lines for name in line)
    return [name for name in names if name not in _NOT_DRAWN]


def _points(lines, name):
    """Steps and values; a run need not have logged it."""
    drawn = [(line["step"], line[name]) for line in lines if name in line]
    return [*zip(*drawn)] or ([], [])


def _plain(text):
    """A label as it is: no formula, and not hidden for an underscore."""
    return f" {text}".replace("$", r"\$")
