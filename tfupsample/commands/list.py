"""`tfupsample list`: a table of the trained models."""

from tfupsample.pretrained.load import find_entry, list_pretrained
from tfupsample.report.inspection_text import table


def add_arguments(parser):
    """Adds nothing: the command takes no arguments."""


def run(arguments):
    """Prints the table; returns the exit status."""
    rows = [("name", "kind", "takes", "gives", "MB")]
    for name in list_pretrained():
        entry = find_entry(name)
        takes = " ".join(map(_shape, entry.card["takes"].values()))
        scale = entry.card.get("scale", 1)
        gives = _shape(entry.card["gives"], "n" if scale == 1 else f"{scale}n")
        rows.append((name, entry.kind, takes, gives, f"{entry.size / 1e6:.1f}"))
    print(table(rows))
    return 0


def _shape(sizes, unknown="n"):
    """Returns the sizes without the batch, with `n` for any size."""
    return "×".join(
        unknown if size is None else str(size) for size in sizes[1:]
    )
