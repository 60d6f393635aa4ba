"""Writes the table of decoders in `docs/autoencoder.md`.

    python -m benchmarks.decoders
    python -m docs.draw_decoders

From the root of the repository, from `benchmarks/results/decoders.json`.
"""

import statistics

from docs.page_tables import DrawnTable

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


def lines(results):
    """Returns the cells, by PSNR: means over the seeds."""
    rows = {name: [*seeds.values()] for name, seeds in results["cells"].items()}
    return [HEAD, *sorted(map(_line, rows.items()), key=lambda line: line[2])]


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


TABLE = DrawnTable("autoencoder.md", "decoders", "decoders", lines)


if __name__ == "__main__":
    TABLE.write()
