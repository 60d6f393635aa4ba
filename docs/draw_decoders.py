"""Writes the table of decoders in `docs/autoencoder.md`.

    python -m benchmarks.decoders
    python -m docs.draw_decoders

From the root of the repository, from `benchmarks/results/decoders.json`.
"""

import json
import pathlib
import statistics

from docs.page_tables import between

PAGE = pathlib.Path(__file__).with_name("autoencoder.md")
RESULTS = PAGE.parent.parent / "benchmarks/results/decoders.json"
_MARKS = "<!-- decoders -->", "<!-- end of decoders -->"
HEAD = (
    "decoder",
    "seeds",
    "PSNR, dB",
    "multiplications a pixel",
    "parameters",
    "coherent score ·1000 at 2, 4, 8",
    "prominence, dB",
)
_PERIODS = "2", "4", "8"


def main():
    """Writes the table."""
    text = PAGE.read_text("utf-8")
    PAGE.write_text(with_table(text, json.loads(RESULTS.read_text())), "utf-8")


def with_table(text, results):
    """Returns the page with the table of the results between its marks."""
    return between(_MARKS, text, table(results))


def table(results):
    """Returns the table in Markdown, by PSNR: means over the seeds."""
    rows = {name: [*seeds.values()] for name, seeds in results["cells"].items()}
    lines = [HEAD, ["---"] * len(HEAD)]
    lines += sorted(map(_line, rows.items()), key=lambda line: line[2])
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def _line(named):
    name, rows = named
    psnr = [row["psnr_db"] for row in rows if "psnr_db" in row]
    return (
        name,
        len(psnr) or "",
        _mean_and_spread(psnr) if psnr else "",
        rows[0].get("multiplications", ""),
        rows[0].get("parameters", ""),
        _means(rows, "coherent", 1000),
        _means(rows, "prominence_db", 1),
    )


def _mean_and_spread(values):
    mean = f"{statistics.mean(values):.2f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {(max(values) - min(values)) / 2:.2f}"


def _means(rows, key, factor):
    means = (
        statistics.mean(factor * row["scores"][period][key] for row in rows)
        for period in _PERIODS
    )
    return ", ".join(f"{mean:.1f}" for mean in means)


if __name__ == "__main__":
    main()
