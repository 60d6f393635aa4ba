"""Writes models/pretrained/CARDS.md from the index beside it.

python -m docs.draw_cards
"""

from tfupsample.model_files.atomic import write_text
from tfupsample.pretrained.index import read_index
from train.ship import PLACE

_PURPOSE = {
    "generator": "Draws images from latents, to look at and compare what its "
    "upsampling paints.",
    "reconstruction": "Sends pictures through a code and back, to look at and "
    "compare what its upsampling paints.",
    "super_resolution": "Makes pictures larger.",
    "style": "Paints photographs in the styles of pictures, or in blends.",
    "classifier": "Names images, and sees for styles, dreams and distances.",
    "segmentation": "Names the class of every pixel of a picture.",
}
_USE = {
    "generator": "tfupsample sample {} -n 64 -o grid.png",
    "style": 'tfupsample apply {} photo.jpg -o painted.jpg --style="{}"',
}
_APPLY = "tfupsample apply {} picture.png -o out.png"
_LOAD = 'model = tfupsample.load_pretrained("{}", kind="keras")'
_HEAD = """# Trained models

Written by `python -m docs.draw_cards` from `index.json`.
[How to load them, and how they are checked](../../docs/pretrained.md).
Prominence is how far the power at the frequencies of a period stands above its
surroundings, in dB ([measures](../../docs/measures.md)); about 0 is clean. The
sliced Wasserstein distance is to held-out images, by size
([evaluation](../../docs/evaluation.md)).
"""


def main():
    """Writes the page."""
    entries = read_index(PLACE / "index.json")
    rows = [
        f"| [{name}](#{name}) | {entry.kind.replace('_', '-')} | "
        f"{entry.card['parameters']:,} | {entry.size / 1e6:.1f} |"
        for name, entry in entries.items()
    ]
    head = ["| model | kind | parameters | MB |", "|---|---|---|---|"]
    table = "\n".join([*head, *rows])
    page = [_HEAD, table, *map(card, entries.values())]
    path = PLACE / "CARDS.md"
    write_text(path, "\n\n".join(part.strip() for part in page) + "\n")
    print(path)


def card(entry):
    """Returns the card of an entry as Markdown."""
    name, about, training = entry.name, entry.card, entry.card["training"]
    picture = f"pictures/{name}.jpg"
    parts = [
        f"## {name}",
        f"![{name}]({picture})" if (PLACE / picture).exists() else "",
        _PURPOSE[entry.kind],
        f"```\n{_command(entry)}\n```",
        _classes(about),
        f"**Data:** {about['data']}.",
        f"**Trained** in {_minutes(training['seconds'])} on "
        f"{training['versions'].get('cores', 'unknown')} cores, seed "
        f"{training['seed']}, {_commits(training)}:",
        f"```\n{training['command']}\n```",
        "\n".join(_scores(entry)),
        f"**Known failures:** {about['failures']}",
        f"**License:** {about['license']}.",
    ]
    return "\n\n".join(filter(None, parts))


def _command(entry):
    if entry.kind == "classifier":
        return _LOAD.format(entry.name)
    styles = ",".join(entry.card.get("styles", [])[:2])
    return _USE.get(entry.kind, _APPLY).format(entry.name, styles)


def _classes(about):
    """Says what a generator or a segmentation tells apart."""
    names = ", ".join(about.get("classes", []))
    if not names or about["kind"] == "classifier":
        return ""
    if "latents" not in about:
        return f"**Classes:** {names}."
    count = len(about["classes"])
    return (
        f"**Latents:** standard normal; the largest of the last {count} "
        f"numbers of each chooses {names}."
    )


def _commits(training):
    """Says at which commits a run was started, from the first."""
    starts = [*training.get("earlier", []), training]
    commits = [start.get("commit") or "unknown" for start in starts]
    commits = list(dict.fromkeys(commits))
    return f"commit{'s' if commits[1:] else ''} {', '.join(commits)}"


def _minutes(seconds):
    return f"{seconds / 60:.0f} minutes" if seconds else "unknown time"


def _scores(entry):
    """Lines of a table, of what this kind is scored by."""
    scores = entry.card["scores"]
    if entry.kind == "classifier":
        tested = f"{scores['test images']:,} test images"
        yield f"**Accuracy** on {tested}: {scores['accuracy']:.1%}."
        return
    if "pictures" in scores:
        yield "| Set5, luma | PSNR, dB | SSIM |\n|---|---|---|"
        for who, mean in scores["pictures"]["mean"].items():
            yield f"| {who} | {mean['psnr_db']:.2f} | {mean['ssim']:.4f} |"
        return
    yield (
        "| at period 2 / 4 / 8 | coherent score ·1000 | prominence, dB | "
        "sliced Wasserstein ·1000 |\n|---|---|---|---|"
    )
    for group, row in scores.items():
        if "2" in row and group != "untrained":
            yield f"| {group} | {' | '.join(_cells(row))} |"
    if "segmentation" in scores:
        reached = scores["segmentation"]
        yield (
            f"\nOn {reached['test images']:,} test images: mIoU "
            f"{reached['mean_iou']:.1%}, {reached['pixel accuracy']:.1%} of "
            "the pixels right."
        )
    if "reconstruction" in scores:
        reached = scores["reconstruction"]
        yield (
            f"\nOn test images: PSNR {reached['psnr_db']:.2f} dB, SSIM "
            f"{reached['ssim']:.4f}."
        )


def _cells(row):
    """What a row of `artifact_scores` says of images, for a table."""
    periods = [row[p] for p in ("2", "4", "8") if p in row]
    distances = row.get("distances", {}).get("sliced_wasserstein", {})
    return (
        " / ".join(f"{1e3 * p['coherent']:.1f}" for p in periods),
        " / ".join(f"{p['prominence_db']:.1f}" for p in periods),
        ", ".join(f"{size} px: {1e3 * d:.1f}" for size, d in distances.items())
        or "–",
    )


if __name__ == "__main__":
    main()
