"""Writes the table of DCGANs by upsampling in `docs/dcgan.md`.

    python -m benchmarks.dcgan_upsamplers
    python -m docs.draw_dcgan_upsamplers

From the root of the repository, from
`benchmarks/results/dcgan_upsamplers.json`.
"""

from docs.page_tables import DrawnTable

HEAD = (
    "upsampling",
    "seed",
    "minutes",
    "confidence, share of real",
    "KID ·1000",
    "SWD ·1000 at 64, 32, 16 px",
    "coherent score ·1000 at 2, 4, 8",
    "prominence, dB",
)
_PERIODS = "2", "4", "8"


def lines(results):
    """Yields the cells; the real images are the same in all."""
    cells = results["cells"]
    yield HEAD
    real = next(iter(next(iter(cells.values())).values()))["training images"]
    yield ["training images", "", "", *_figures(real, real)]
    for name, seeds in cells.items():
        for seed, row in seeds.items():
            minutes = f"{row['seconds'] / 60:.0f}"
            figures = _figures(row["trained"], row["training images"])
            yield [f"`{name}`", seed, minutes, *figures]


def _figures(scores, real):
    distances = scores["distances"]
    surer = distances["confidence"] / real["distances"]["confidence"]
    return [
        f"{surer:.2f}",
        f"{1000 * distances['kid on classifier']:.1f}",
        ", ".join(
            f"{1000 * x:.0f}" for x in distances["sliced_wasserstein"].values()
        ),
        ", ".join(f"{1000 * scores[p]['coherent']:.1f}" for p in _PERIODS),
        ", ".join(f"{scores[p]['prominence_db']:.1f}" for p in _PERIODS),
    ]


TABLE = DrawnTable("dcgan.md", "dcgan_upsamplers", "upsamplers", lines)


if __name__ == "__main__":
    TABLE.write()
