"""`tfupsample score`: how clearly pictures on disk carry a pattern.

It scores each file by itself, all of them together, and compares them with
real pictures. `score_sound` does the same for sounds.
"""

import dataclasses
import json
import pathlib
import sys
import textwrap

from tfupsample.arguments import MOST_SIDE
from tfupsample.commands import score_sound
from tfupsample.commands.numbers import integer_between
from tfupsample.errors import UnusableInput
from tfupsample.images.files import FORMATS, list_pictures, read
from tfupsample.measures.score_results import PERIODS, SMALLEST
from tfupsample.printable import printable

_WORDS = (
    "Strength is about 0 dB in clean pictures. The strongest pattern is the "
    "one furthest above clean pictures, in their standard deviations (sd).",
    "Prominence says how far the pattern's frequencies stand out of the "
    "spectrum of all pictures, on average; the worst harmonic is the frequency "
    "that stands out most. About 0 dB: no pattern.",
    "The coherent share is the share of the pattern that is the same in every "
    "picture. The variance ratio is 1 where all places in the pattern vary "
    "alike.",
)
_EPILOG = " ".join(_WORDS) + (
    " Status: 0 all pictures were measured, 1 some could not be used and are "
    "named on standard error, 2 none could, or the arguments are wrong."
)
_ROWS = {
    "strength_db": "mean strength, dB",
    "prominence_db": "prominence, dB",
    "worst_prominence_db": "worst harmonic, dB",
    "coherent": "coherent share",
    "variance_ratio": "variance ratio",
}


def add_arguments(parser):
    """Adds the arguments of the command to its parser."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "images",
        nargs="+",
        metavar="IMAGES",
        help=f"{FORMATS} files, or folders of them; or WAV files",
    )
    parser.add_argument(
        "--period",
        type=integer_between(2, MOST_SIDE),
        action="append",
        metavar="P",
        help="look for this period, in pixels or samples; repeat it for "
        f"several (default: those of {', '.join(map(str, PERIODS))} that fit; "
        "in sounds the products of small factors up to 512)",
    )
    parser.add_argument(
        "--against", metavar="FOLDER", help="compare with these real pictures"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON instead of tables"
    )
    parser.add_argument(
        "--figure",
        metavar="FILE.png",
        help="draw the spectrum of the first sound, its lines marked",
    )


def run(arguments):
    """Prints the scores; returns the exit status."""
    if score_sound.is_sound(arguments.images):
        return score_sound.run(arguments)
    if arguments.figure:
        raise UnusableInput("--figure draws the spectrum of sounds only.")
    # Imported late, because it imports Keras, which --help does not need.
    from tfupsample.measures.score import score_images

    smallest = SMALLEST * max(arguments.period or PERIODS[:1])
    pictures = _Pictures(arguments.images, smallest)
    against = None
    if arguments.against:
        against = _Pictures([arguments.against], smallest)
    scores = score_images(pictures, arguments.period, against)
    errors = pictures.errors + (against.errors if against else [])
    for error in errors:
        print(f"Left out: {printable(error)}", file=sys.stderr)
    report = _report(scores, pictures.used, arguments.against)
    print(json.dumps(report, indent=2) if arguments.json else _text(report))
    return int(bool(errors))


class _Pictures:
    """Reads pictures one at a time, passing over those it cannot use.

    Attributes:
        used: Paths of the pictures read so far.
        errors: A sentence for each file passed over.
    """

    def __init__(self, names, smallest):
        self.used, self.errors = [], []
        self._paths, self._smallest = _paths(names), smallest

    def __iter__(self):
        for path in self._paths:
            try:
                pixels = _read(path, self._smallest)
            except UnusableInput as error:
                self.errors.append(str(error))
                continue
            self.used.append(path)
            yield pixels
        if not self.used:
            more = len(self.errors) - 1
            others = f" (and {more} more files)" if more else ""
            raise UnusableInput(self.errors[0] + others)


def _paths(names):
    """Returns the named files, and the pictures in the named folders."""
    paths = []
    for path in map(pathlib.Path, names):
        paths += list_pictures(path) if path.is_dir() else [path]
    if not paths:
        raise UnusableInput(
            f"There are no {FORMATS} files in {', '.join(names)}."
        )
    return paths


def _read(path, smallest):
    """Returns pixels `(height, width, 3)` in [-1, 1], on white."""
    pixels = read(path).on_white()
    height, width = pixels.shape[:2]
    if min(height, width) < smallest:
        raise UnusableInput(
            f"{path} is too small for period {smallest // SMALLEST}: it has "
            f"{width}x{height} pixels and needs {smallest} a side."
        )
    return pixels


def _report(scores, paths, folder):
    """Returns the scores as plain dictionaries, with the file names."""
    report = {
        "files": [
            {"file": str(path)} | dataclasses.asdict(score)
            for path, score in zip(paths, scores.images)
        ],
        "pooled": dataclasses.asdict(scores.pooled),
    }
    if scores.against:
        report["against"] = {
            "folder": folder,
            "count": scores.against.pooled.count,
            **dataclasses.asdict(scores.against),
        }
    return report


def _text(report):
    """Returns the report as tables."""
    pooled = report["pooled"]
    periods = sorted({p for f in report["files"] for p in f["strength_db"]})
    lines = [
        "Strength of a pattern in dB, 0 in clean pictures, by its period:",
        _line("", periods) + "  strongest",
        *(
            _line(
                printable(file["file"]),
                (file["strength_db"].get(p) for p in periods),
            )
            + f"  {_strongest(file)}"
            for file in report["files"]
        ),
        "",
        f"All {pooled['count']} pictures by period:",
        *_table(pooled["measures"], _ROWS),
        f"Strongest: period {_strongest(pooled)}",
    ]
    if "against" in report:
        lines += _against_text(report["against"])
    words = [line for text in _WORDS for line in textwrap.wrap(text, 79)]
    return "\n".join([*lines, "", *words])


def _against_text(against):
    folder = printable(against["folder"])
    return [
        "",
        f"The {against['count']} pictures in {folder} by period:",
        *_table(against["pooled"]["measures"], _ROWS),
        "",
        "Difference, these less those:",
        *_table(against["difference"], ("strength_db", "prominence_db")),
        f"Distance of the spectra: {against['spectral_distance_db']:.2f} dB",
    ]


def _table(measures, names):
    """Returns a table: a column for each period, a row for each name."""
    rows = [_line(_ROWS[n], (m[n] for m in measures.values())) for n in names]
    return [_line("", measures), *rows]


def _line(name, values):
    """Returns a row: a name, of which the end is kept, and values."""
    name = name if len(name) <= 30 else "…" + name[-29:]
    return f"{name:30}" + "".join(map(_cell, values))


def _cell(value):
    if isinstance(value, float):
        return f"{value:8.2f}" if abs(value) < 1000 else f"{value:8.0e}"
    return f"{'' if value is None else value:>8}"


def _strongest(score):
    return f"{score['period']} ({score['significance']:+.1f} sd)"
