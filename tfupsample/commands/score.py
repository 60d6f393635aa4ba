"""`tfupsample score`: how clearly pictures on disk carry a pattern.

Each file by itself, all of them together, and beside real pictures.
"""

import json
import pathlib
import sys

import numpy as np
from PIL import Image

from tfupsample.arguments import MOST_SIDE
from tfupsample.commands.numbers import whole
from tfupsample.errors import UnusableInput
from tfupsample.measures.score import (
    PERIODS,
    SMALLEST,
    compare,
    score_picture,
    score_set,
)

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_CORNER = 256  # pixels a side of each picture kept for the measures of the set
_ROWS = {
    "strength_db": "mean strength, dB",
    "prominence_db": "prominence, dB",
    "worst_prominence_db": "worst harmonic, dB",
    "coherent": "coherent share",
    "variance_ratio": "variance ratio",
}


def add_arguments(parser):
    """Adds the arguments of the command to its parser."""
    parser.add_argument(
        "images",
        nargs="+",
        metavar="IMAGES",
        help="PNG, JPEG or WebP files, or folders of them",
    )
    parser.add_argument(
        "--period",
        type=whole(2, MOST_SIDE),
        action="append",
        metavar="P",
        help="look for this period, in pixels; may be given several times; "
        f"without it those of {', '.join(map(str, PERIODS))} that fit",
    )
    parser.add_argument(
        "--against", metavar="FOLDER", help="compare with these real pictures"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON instead of tables"
    )


def run(arguments):
    """Prints the scores; returns the exit status."""
    periods = arguments.period
    files, corners = _score_files(arguments.images, periods)
    report = {"files": files, "pooled": score_set(files, corners)}
    if arguments.against:
        real, real_corners = _score_files([arguments.against], periods)
        pooled = score_set(real, real_corners)
        report["against"] = {
            "folder": arguments.against,
            "count": len(real),
            "pooled": pooled,
            **compare(report["pooled"], pooled, corners, real_corners),
        }
    print(json.dumps(report, indent=2) if arguments.json else _text(report))
    return 0


def _score_files(names, periods):
    """A score for each usable picture, and its corner; the others are named."""
    scores, corners, errors = [], [], []
    for path in _paths(names):
        try:
            pixels = _read(path, max(periods or PERIODS[:1]))
        except UnusableInput as error:
            errors.append(str(error))
            continue
        height, width = pixels.shape[:2]
        size = {"file": str(path), "height": height, "width": width}
        scores.append(size | score_picture(pixels, periods))
        corners.append(pixels[:_CORNER, :_CORNER].copy())
    if not scores:
        others = f" (and {len(errors) - 1} more files)" if errors[1:] else ""
        raise UnusableInput(errors[0] + others)
    for error in errors:
        print(f"Left out: {error}", file=sys.stderr)
    return scores, corners


def _paths(names):
    """The files named, and the pictures in the folders named."""
    paths = []
    for path in map(pathlib.Path, names):
        if path.is_dir():
            files = sorted(path.iterdir())
            paths += [p for p in files if p.suffix.lower() in SUFFIXES]
        else:
            paths.append(path)
    if not paths:
        raise UnusableInput(
            f"There are no PNG, JPEG or WebP files in {', '.join(names)}."
        )
    return paths


def _read(path, period):
    """Pixels `(height, width, 3)`, uint8, of at least `SMALLEST` periods."""
    try:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
    # Pillow raises OSError, SyntaxError, ValueError and more for bad files.
    except Exception as error:
        reason = "is no picture" if path.is_file() else "does not exist"
        raise UnusableInput(f"{path} {reason}.") from error
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST * period:
        raise UnusableInput(
            f"{path} is too small for period {period}: {width}x{height} "
            f"pixels, {SMALLEST * period} a side are needed."
        )
    return pixels


def _text(report):
    """The report as tables."""
    pooled = report["pooled"]
    periods = sorted({p for f in report["files"] for p in f["strength_db"]})
    lines = [
        "Strength of a pattern in dB, 0 in clean pictures, by its period:",
        _line("", periods) + "  strongest",
        *(
            _line(file["file"], (file["strength_db"].get(p) for p in periods))
            + f"  {_strongest(file)}"
            for file in report["files"]
        ),
        "",
        f"All {len(report['files'])} pictures by period:",
        *_table(pooled["measures"], _ROWS),
        f"Strongest: period {_strongest(pooled)}",
    ]
    if "against" in report:
        lines += _against_text(report["against"])
    return "\n".join(lines)


def _against_text(against):
    return [
        "",
        f"The {against['count']} pictures in {against['folder']} by period:",
        *_table(against["pooled"]["measures"], _ROWS),
        "",
        "Difference, these less those:",
        *_table(against["difference"], ("strength_db", "prominence_db")),
        f"Distance of the spectra: {against['spectral_distance_db']:.2f} dB",
    ]


def _table(measures, names):
    """A column for each period, a row for each name."""
    rows = [_line(_ROWS[n], (m[n] for m in measures.values())) for n in names]
    return [_line("", measures), *rows]


def _line(name, values):
    """A name, its end kept where it is too long, and values."""
    name = name if len(name) <= 30 else "…" + name[-29:]
    return f"{name:30}" + "".join(map(_cell, values))


def _cell(value):
    if isinstance(value, float):
        return f"{value:8.2f}" if abs(value) < 1000 else f"{value:8.0e}"
    return f"{'' if value is None else value:>8}"


def _strongest(score):
    return f"{score['period']} ({score['significance']:+.1f} sd)"
