"""Draws what the repairs of trained networks look like, and their table.

    python -m benchmarks.painters
    python -m benchmarks.repairs
    python -m docs.draw_repairs

From the root of the repository: the picture `docs/repairs.png` of some networks
before and after, and the table in `docs/repair.md` of all of them, from
`benchmarks/results/repairs.json`. Each pixel is drawn as a whole number of
pixels, or the drawing would paint a pattern of its own.
"""

import json
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks import repairs
from docs.page_tables import between
from tfupsample.images.files import save_image

FOLDER = pathlib.Path(__file__).parent
SHOWN = ("gan28-0", "autoencoder-0", "unet-1", "gan64-0")
SIDE, GAP, TITLE = 256, 8, 28  # pixels
COLUMNS = ("before", "after", "detail before", "detail after", "difference")
_MARKS = "<!-- repairs -->", "<!-- end of repairs -->"


def main():
    """Writes the picture and the table."""
    save_image(FOLDER / "repairs.png", sheet(SHOWN), optimize=True)
    page = FOLDER / "repair.md"
    page.write_text(with_table(page.read_text("utf-8")), "utf-8")


def sheet(names):
    """Returns a row of tiles for each of the networks, under their titles."""
    rows = [tiles(name) for name in names]
    size = len(COLUMNS) * (SIDE + GAP) - GAP, len(rows) * (SIDE + TITLE) + TITLE
    page = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(16)
    for column, title in enumerate(COLUMNS):
        pen.text((column * (SIDE + GAP), 4), title, "black", font)
    for i, (label, row) in enumerate(rows):
        top = TITLE + i * (SIDE + TITLE)
        for column, tile in enumerate(row):
            page.paste(tile, (column * (SIDE + GAP), top))
        pen.text((0, top + SIDE + 4), label, "black", font)
    return page


def tiles(name):
    """A label and the tiles of the picture that the repair changed most."""
    stored = np.load(repairs.FOLDER / f"{name}.npz")
    before, after = ((stored[key] + 1) / 2 for key in ("before", "after"))
    chosen = np.abs(after - before).mean((1, 2, 3)).argmax()
    before, after = before[chosen], after[chosen]
    side = len(before) // 2
    place = (slice((len(before) - side) // 2, (len(before) + side) // 2),) * 2
    gain = 2.0 ** np.floor(np.log2(0.4 / np.abs((after - before)[place]).max()))
    difference = 0.5 + gain * (after - before)[place]
    pictures = before, after, before[place], after[place], difference
    row = results()["networks"][name]
    about = row["about"].replace("×", " by ")  # the font has no such sign
    outcome = repairs.state(row)
    label = f"{about}: {outcome}; difference {gain:g} times as strong"
    return label, [_tile(picture) for picture in pictures]


def _tile(picture):
    """A tile, its rest grey where the side of the picture does not divide."""
    pixels = np.rint(255 * picture.clip(0, 1)).astype("uint8")
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    scale = SIDE // len(pixels)
    tile = Image.new("RGB", (SIDE, SIDE), "white")
    large = pixels.repeat(scale, 0).repeat(scale, 1)
    tile.paste(Image.fromarray(large), ((SIDE - len(large)) // 2,) * 2)
    return tile


def results():
    """The committed results."""
    path = FOLDER.parent / "benchmarks/results/repairs.json"
    return json.loads(path.read_text("utf-8"))


def with_table(text):
    """Returns the page with the table of the results between its marks."""
    return between(_MARKS, text, _account(results()))


def _account(found):
    """The summary in words, and the table."""
    numbers = found["summary"]
    states = [f"{numbers[s]} {s}" for s in repairs.STATES if s in numbers]
    worse = ", ".join(
        f"{name} ({', '.join(measures)})"
        for name, measures in numbers["made_worse"].items()
    )
    return (
        f"Of {numbers['networks']} networks: {', '.join(states)}. Worse in a "
        f"period, spread, border or PSNR than a repair may be: "
        f"{worse or 'none'}. Worse at their task: {_losses(found)}. Median "
        f"PSNR {numbers['median_psnr_db']} dB, median time "
        f"{numbers['median_seconds']} s on two cores shared with much other "
        f"work.\n\n{table(found['networks'])}"
    )


def _losses(found):
    """How many repairs cost the task how much, at most."""
    tasks = [
        (row["before"]["task"], row["after"]["task"])
        for row in found["networks"].values()
        if row["psnr_db"]
    ]
    # Distances lie below 2, the PSNR in dB of anything usable above.
    lost = [old - new for old, new in tasks if old > 2 and new < old]
    rise = [new / old - 1 for old, new in tasks if old <= 2 and new > old]
    return (
        f"{len(lost)} by PSNR, at most by {max(lost, default=0):.1f} dB, and "
        f"{len(rise)} by distance, at most by {max(rise, default=0):.0%}"
    )


def table(rows):
    """Returns the table in Markdown."""
    lines = [
        "| network | seed | outcome | by | worst period before | after "
        "| PSNR | task before | after | s |",
        "|" + "---|" * 10,
    ]
    about = None
    for name, row in rows.items():
        label = "" if row["about"] == about else row["about"]
        about = row["about"]
        lines.append(_row(label, name.rpartition("-")[2], row))
    return "\n".join(lines)


def _row(label, seed, row):
    worst = [
        "{1:.1f} dB at {0}".format(
            *max(repairs.decibels(row, when).items(), key=lambda x: x[1])
        )
        for when in ("before", "after")
    ]
    psnr = row["psnr_db"]
    cells = [
        label,
        seed,
        repairs.state(row),
        row["method"] if psnr else "–",
        worst[0],
        worst[1] if psnr else "–",
        f"{psnr:.1f}" if psnr else "–",
        f"{row['before']['task']:.3g}",
        f"{row['after']['task']:.3g}" if psnr else "–",
        f"{row['seconds']:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
