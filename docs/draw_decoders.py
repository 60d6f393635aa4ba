"""Writes the table of decoders in `docs/autoencoder.md`.

    python -m benchmarks.decoders
    python -m docs.draw_decoders

From the root of the repository, from `benchmarks/results/decoders.json`.
"""

import json
import pathlib

from docs.page_tables import between

PAGE = pathlib.Path(__file__).with_name("autoencoder.md")
RESULTS = PAGE.parent.parent / "benchmarks/results/decoders.json"
_MARKS = "<!-- decoders -->", "<!-- end of decoders -->"
HEAD = (
    "decoder, steps",
    "PSNR, dB",
    "multiplications a pixel",
    "parameters",
    "coherent score ·1000 at 2, 4, 8",
    "prominence, dB",
)


def main():
    """Writes the table."""
    text = PAGE.read_text("utf-8")
    PAGE.write_text(with_table(text, json.loads(RESULTS.read_text())), "utf-8")


def with_table(text, results):
    """Returns the page with the table of the results between its marks."""
    return between(_MARKS, text, table(results))


def table(results):
    """Returns the table in Markdown, by PSNR."""
    rows = sorted(results["decoders"].items(), key=lambda r: r[1]["psnr_db"])
    lines = [HEAD, ["---"] * len(HEAD)]
    lines.append(
        ["the crops themselves", "", "", "", *_pattern(results["crops"])]
    )
    for name, row in rows:
        name, _, steps = name.rpartition("-")
        numbers = f"{row['psnr_db']:.2f}", row["multiplications"]
        pattern = _pattern(row["scores"])
        lines.append(
            [f"{name}, {steps}", *numbers, row["parameters"], *pattern]
        )
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def _pattern(scores):
    coherent = (f"{1000 * x['coherent']:.1f}" for x in scores.values())
    peaks = (f"{x['prominence_db']:.1f}" for x in scores.values())
    return ", ".join(coherent), ", ".join(peaks)


if __name__ == "__main__":
    main()
