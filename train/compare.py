"""Shows runs side by side in one self-contained HTML page.

    python -m train.compare RUN RUN --output=compare.html

The page shows the settings in which the runs differ, the curves of the logged
metrics, the newest samples and the scores. Runs need not be finished.
Status: 0 done, 2 unusable arguments or runs.
"""

import io
import json
import math
import numbers
import pathlib
import sys
from typing import NamedTuple

from tfupsample.errors import UnusableInput
from tfupsample.printable import printable
from tfupsample.report.html import heading, panel, report_page
from tfupsample.report.page import picture, write_page
from tfupsample.report.tables import Html, element, join, table
from train.engine.command import argument_parser
from train.engine.metrics_file import read_metrics

_ALWAYS_DIFFERS = "workdir"  # a setting that says nothing about a run
_PANELS = 3  # diagrams side by side
_NOT_DRAWN = ("epoch", "step")
_DAMAGE = (
    *(OSError, ValueError, RecursionError),
    *(KeyError, TypeError, AttributeError),
)


class Recorded(NamedTuple):
    """The contents of the folder of a run.

    Attributes:
        settings: `{name: value}`: the flags, versions and commit.
        metrics: For each epoch a dictionary of numbers.
        scores: `{name: number}`; nested names are joined.
        samples: The newest samples as a PNG, or `None`.
    """

    settings: dict
    metrics: list
    scores: dict
    samples: bytes | None


def read_run(folder):
    """Returns the contents of the folder of a run.

    Args:
        folder: The folder, a `pathlib.Path`.

    Raises:
        UnusableInput: if the folder holds no run, or a file in it is damaged;
            damaged lines of metrics are only left out.
    """
    if not (folder / "config.json").is_file():
        raise UnusableInput(f"{folder} is not the folder of a run.")
    path = folder
    try:
        path = folder / "config.json"
        settings = _settings(json.loads(path.read_text()))
        path = folder / "metrics.jsonl"
        metrics = [_numbers(line) for line in read_metrics(path)]
        path = folder / "scores.json"
        scores = _flat(json.loads(path.read_text())) if path.exists() else {}
    except _DAMAGE as error:
        raise UnusableInput(f"{path} cannot be read ({error}).") from error
    samples = sorted(filter(pathlib.Path.is_file, folder.glob("samples/*.png")))
    return Recorded(
        settings,
        [line for line in metrics if "step" in line],
        scores,
        samples[-1].read_bytes() if samples else None,
    )


def _settings(written):
    own = {"trainer": written["trainer"], "commit": written.get("commit")}
    settings = own | dict(written["config"]) | dict(written["versions"])
    settings.pop(_ALWAYS_DIFFERS, None)
    return settings


def _numbers(line):
    return {k: v for k, v in line.items() if isinstance(v, numbers.Real)}


def _flat(scores, above=""):
    """Returns the numbers of nested dictionaries by their joined names."""
    flat = {}
    for name, value in scores.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{above}{name} · ")
        elif isinstance(value, numbers.Real):
            flat[above + name] = value
    return flat


def comparison_page(runs):
    """Returns the page.

    Args:
        runs: `{name: Recorded}`; a name can be any text.
    """
    last = {n: r.metrics[-1] if r.metrics else {} for n, r in runs.items()}
    parts = [
        heading(" ".join(runs), "Runs", f"{len(runs)} runs side by side"),
        panel("Settings that differ", _differences(runs)),
        panel("Curves", _curves(runs)),
        panel("Last epoch", _table("Metric", last)),
        panel("Newest samples", _samples(runs)),
        panel(
            "Scores", _table("Score", {n: r.scores for n, r in runs.items()})
        ),
    ]
    return report_page("Comparison of runs", parts, styles=["compare.css"])


def _differences(runs):
    settings = {name: run.settings for name, run in runs.items()}
    different = {
        key
        for values in settings.values()
        for key in values
        if len({str(other.get(key, "")) for other in settings.values()}) > 1
    }
    kept = {
        name: {k: v for k, v in values.items() if k in different}
        for name, values in settings.items()
    }
    return _table("Setting", kept, "There is none.")


def _table(title, columns, nothing="There are none."):
    """Returns a table: a column for each run, a row for each name."""
    names = dict.fromkeys(
        name for values in columns.values() for name in values
    )
    if not names:
        return element("p", nothing)
    rows = [[n, *(c.get(n) for c in columns.values())] for n in names]
    return element("div", table((title, *columns), rows), "wide")


def _curves(runs):
    metrics = {name: run.metrics for name, run in runs.items()}
    if not any(metrics.values()):
        return element("p", "There are none.")
    return Html(picture(curves_png(metrics), "What the runs logged"))


def curves_png(metrics):
    """Returns a PNG with one diagram for each metric, as bytes.

    Args:
        metrics: `{run: [metrics of an epoch, ...]}`, drawn over their steps.

    Raises:
        UnusableInput: if Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UnusableInput(
            "Curves need Matplotlib: pip install 'tfupsample[plots]'."
        ) from error
    names = _logged(metrics)
    rows = math.ceil(len(names) / _PANELS)
    size = (11, 0.5 + 2.6 * rows)
    figure = Figure(figsize=size, dpi=144, layout="constrained")
    panels = figure.subplots(rows, _PANELS, squeeze=False).ravel()
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


def _logged(metrics):
    """Returns the names that any run logged, in the order of the first."""
    lines = (line for lines in metrics.values() for line in lines)
    names = dict.fromkeys(name for line in lines for name in line)
    return [name for name in names if name not in _NOT_DRAWN]


def _points(lines, name):
    """Returns steps and values, both empty if a run did not log the name."""
    drawn = [(line["step"], line[name]) for line in lines if name in line]
    return [*zip(*drawn)] or ([], [])


def _plain(text):
    """Returns a label that Matplotlib shows as it is.

    It would read `$` as a formula and hide what starts with an underscore.
    """
    return f" {text}".replace("$", r"\$")


def _samples(runs):
    shown = [
        element(
            "figure", join([Html(picture(run.samples, name)), _caption(name)])
        )
        for name, run in runs.items()
        if run.samples
    ]
    return element("div", join(shown), "runs") if shown else "There are none."


def _caption(name):
    return element("figcaption", name, "note")


def names(folders):
    """Returns a name for each folder: its own, unless two are the same."""
    short = [folder.resolve().name for folder in folders]
    if len(set(short)) == len(short):
        return short
    return [f"{i}: {folder}" for i, folder in enumerate(folders, 1)]


def main():
    """Runs the command; returns its status."""
    parser = argument_parser("compare", __doc__)
    parser.add_argument(
        "runs",
        nargs="+",
        type=pathlib.Path,
        metavar="RUN",
        help="the folder of a run",
    )
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("compare.html"),
        help="the page to write (default: %(default)s)",
    )
    arguments = parser.parse_args()
    try:
        found = [read_run(folder) for folder in arguments.runs]
        runs = dict(zip(names(arguments.runs), found))
        write_page(arguments.output, comparison_page(runs))
    except UnusableInput as error:
        print(printable(error), file=sys.stderr)
        return 2
    print(arguments.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
