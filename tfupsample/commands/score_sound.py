"""`tfupsample score` of sounds: the lines of an upsampling in WAV files."""

import dataclasses
import json
import pathlib
import sys
import textwrap

from tfupsample.errors import UnusableInput
from tfupsample.measures.lines import (
    long_time_spectrum,
    strongest_lines,
    usual_periods,
    window,
)
from tfupsample.printable import printable
from tfupsample.sounds.files import SUFFIX, list_sounds, read_sound

_WORDS = (
    "An upsampling by a factor in all leaves lines at the multiples of the "
    "rate over that factor, its period in samples. Prominence is how far the "
    "median of these lines stands above the spectrum beside them, worst how "
    "far the highest does: about 0 dB in natural sounds. Of several periods "
    "the most significant is shown, in standard deviations (sd)."
)


def is_sound(names):
    """Returns whether names are those of WAV files, or of folders with some."""
    return any(
        pathlib.Path(name).suffix.lower() == SUFFIX
        or (pathlib.Path(name).is_dir() and list_sounds(name))
        for name in names
    )


def run(arguments):
    """Prints the scores; returns the exit status."""
    if arguments.against:
        raise UnusableInput("--against compares pictures, not sounds.")
    rows, errors = [], []
    for path in _paths(arguments.images):
        try:
            rows.append(_row(path, arguments.period))
        except UnusableInput as error:
            errors.append(str(error))
    if not rows:
        more = f" (and {len(errors) - 1} more files)" if errors[1:] else ""
        raise UnusableInput(errors[0] + more)
    for error in errors:
        print(f"Left out: {printable(error)}", file=sys.stderr)
    if arguments.figure:
        _write_figure(rows[0], arguments.figure)
    print(
        json.dumps({"files": rows}, indent=2) if arguments.json else _text(rows)
    )
    return int(bool(errors))


def _paths(names):
    paths = []
    for path in map(pathlib.Path, names):
        paths += list_sounds(path) if path.is_dir() else [path]
    return paths


def _row(path, periods):
    """Returns the most significant lines of one file."""
    sound = read_sound(path)
    samples = len(sound.wave)
    fitting = periods or usual_periods(samples)
    if not fitting or window(max(fitting)) > samples:
        needed = window(max(fitting, default=2))
        raise UnusableInput(
            f"{path} is too short: it has {samples} samples and needs {needed}."
        )
    if not sound.wave.any():
        raise UnusableInput(f"{path} is silent.")
    lines = strongest_lines(sound.wave, sound.rate, fitting)
    found = dataclasses.asdict(lines)
    found |= {n: found[n].tolist() for n in ("frequency", "line_db")}
    return {"file": str(path), "rate": sound.rate, "samples": samples} | found


def _write_figure(row, path):
    """Draws the spectrum of a file, the lines of its period marked."""
    from tfupsample.model_files.atomic import new_path
    from tfupsample.report.plots import lines_figure

    sound = read_sound(row["file"])
    spectrum = long_time_spectrum(sound.wave, sound.rate, window(row["period"]))
    figure = lines_figure(spectrum, row["frequency"])
    with new_path(pathlib.Path(path)) as partial:
        figure.savefig(partial, format="png")


def _text(rows):
    """Returns the report as a table."""
    head = ("period", "Hz", "prominence", "worst", "sd")
    lines = [f"{'':30}" + "".join(f"{name:>11}" for name in head)]
    for row in rows:
        name = printable(row["file"])
        name = name if len(name) <= 30 else "…" + name[-29:]
        lines.append(
            f"{name:30}{row['period']:11}{row['rate'] / row['period']:11.1f}"
            f"{row['prominence_db']:8.1f} dB{row['worst_db']:8.1f} dB"
            f"{row['significance']:11.1f}"
        )
    return "\n".join([*lines, "", *textwrap.wrap(_WORDS, 79)])
