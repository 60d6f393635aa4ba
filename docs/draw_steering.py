"""Writes the table of directions in `docs/stylegan2.md`.

    python -m benchmarks.steering runs/factors/factors.keras
    python -m docs.draw_steering

From the root of the repository, from `benchmarks/results/steering.json`.
"""

import json
import pathlib

from docs.page_tables import between

PAGE = pathlib.Path(__file__).with_name("stylegan2.md")
RESULTS = PAGE.parent.parent / "benchmarks/results/steering.json"
_MARKS = "<!-- steering -->", "<!-- end of steering -->"


def main():
    """Writes the table."""
    text = PAGE.read_text("utf-8")
    PAGE.write_text(with_table(text, json.loads(RESULTS.read_text())), "utf-8")


def with_table(text, results):
    """Returns the page with the table of the results between its marks."""
    return between(_MARKS, text, table(results))


def table(results):
    """Returns the table in Markdown, a column for each distance."""
    rows = [
        (factor, space, name, row["follow_rate"])
        for space, factors in results["spaces"].items()
        for factor, directions in factors.items()
        for name, row in directions.items()
    ]
    distances = list(rows[0][-1])
    lines = [("factor", "space", "direction", *distances)]
    lines.append(["---"] * len(lines[0]))
    for *names, rates in sorted(rows, key=lambda row: row[:2]):
        lines.append([*names, *(f"{rate:.2f}" for rate in rates.values())])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    main()
