"""Writes the table of directions in `docs/stylegan2.md`.

    python -m benchmarks.steering runs/factors/factors.keras
    python -m docs.draw_steering

From the root of the repository, from `benchmarks/results/steering.json`.
"""

from docs.page_tables import DrawnTable


def lines(results):
    """Returns the cells, a column for each distance."""
    rows = [
        (factor, space, name, row["follow_rate"])
        for space, factors in results["spaces"].items()
        for factor, directions in factors.items()
        for name, row in directions.items()
    ]
    distances = list(rows[0][-1])
    yield "factor", "space", "direction", *distances
    for *names, rates in sorted(rows, key=lambda row: row[:2]):
        yield [*names, *(f"{rate:.2f}" for rate in rates.values())]


TABLE = DrawnTable("stylegan2.md", "steering", "steering", lines)


if __name__ == "__main__":
    TABLE.write()
