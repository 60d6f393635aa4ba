"""Writes the table of upsamplers in `docs/which_upsampler.md`.

    python -m benchmarks.segmentation --seeds 0 1 2 3 4
    python -m docs.draw_upsamplers

From the root of the repository, from `benchmarks/results/segmentation.json`.
"""

import statistics

from docs.page_tables import DrawnTable

TRUTH, REFERENCE = "test masks", "bilinear"
HEAD = (
    "upsampler",
    "seeds",
    "mIoU, %",
    "parameters",
    "ms a step",
    "coherent score of the logits ·1000 at 2, 4, 8",
    "prominence, dB",
    f"mIoU over `{REFERENCE}`, points",
)


def lines(results):
    """Yields the cells, the best mIoU first."""
    cells = results["cells"]
    yield HEAD
    yield ["the true masks", *[""] * 4, *_pattern(cells[TRUTH]), ""]
    names = [name for name in cells if name != TRUTH]
    for name in sorted(names, key=lambda name: -_mean(cells[name])):
        yield _line(name, cells)


def _mean(seeds):
    return statistics.mean(row["mean_iou"] for row in seeds.values())


def _line(name, cells):
    seeds = cells[name]
    reached = [100 * row["mean_iou"] for row in seeds.values()]
    first = next(iter(seeds.values()))
    step = statistics.median(row["seconds_a_step"] for row in seeds.values())
    return [
        f"`{name}`",
        len(seeds),
        _spread(reached),
        f"{first['parameters']:,}",
        f"{1000 * step:.0f}",
        *_pattern(seeds),
        _gain(seeds, cells.get(REFERENCE, {})) if name != REFERENCE else "",
    ]


def _gain(seeds, others):
    """Differences of runs of the same seed."""
    both = seeds.keys() & others.keys()
    return _spread(
        [
            100 * (seeds[seed]["mean_iou"] - others[seed]["mean_iou"])
            for seed in sorted(both)
        ]
    )


def _spread(values):
    if not values:
        return ""
    mean = f"{statistics.mean(values):.1f}"
    return f"{mean} ± {statistics.stdev(values):.1f}" if values[1:] else mean


def _pattern(seeds):
    rows = [row["logits"] for row in seeds.values()]
    return [
        ", ".join(
            f"{statistics.mean(factor * row[p][key] for row in rows):.1f}"
            for p in ("2", "4", "8")
        )
        for key, factor in (("coherent", 1000), ("prominence_db", 1))
    ]


TABLE = DrawnTable("which_upsampler.md", "segmentation", "upsamplers", lines)


if __name__ == "__main__":
    TABLE.write()
