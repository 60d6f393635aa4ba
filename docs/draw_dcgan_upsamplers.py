"""Writes the table of DCGANs by upsampling in `docs/dcgan.md`.

    python -m benchmarks.dcgan_upsamplers
    python -m docs.draw_dcgan_upsamplers

From the root of the repository, from
`benchmarks/results/dcgan_upsamplers.json`.
"""

import json
import pathlib

from docs.page_tables import between

PAGE = pathlib.Path(__file__).with_name("dcgan.md")
RESULTS = PAGE.parent.parent / "benchmarks/results/dcgan_upsamplers.json"
_MARKS = "<!-- upsamplers -->", "<!-- end of upsamplers -->"
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


def main():
    """Writes the table."""
    text = PAGE.read_text("utf-8")
    PAGE.write_text(with_table(text, json.loads(RESULTS.read_text())), "utf-8")


def with_table(text, results):
    """Returns the page with the table of the results between its marks."""
    return between(_MARKS, text, table(results["cells"]))


def table(cells):
    """Returns the table in Markdown; the real images are the same in all."""
    lines = [HEAD, ["---"] * len(HEAD)]
    real = next(iter(next(iter(cells.values())).values()))["training images"]
    lines.append(["training images", "", "", *_figures(real, real)])
    for name, seeds in cells.items():
        for seed, row in seeds.items():
            minutes = f"{row['seconds'] / 60:.0f}"
            figures = _figures(row["trained"], row["training images"])
            lines.append([f"`{name}`", seed, minutes, *figures])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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


if __name__ == "__main__":
    main()
