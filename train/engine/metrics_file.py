"""metrics.jsonl: a line of JSON for each epoch."""

import json
import sys


def read_metrics(path):
    """Returns the metrics of the epochs that can be read, oldest first.

    Lines that cannot be read, such as one that was cut short, are left out and
    counted on standard error.

    Args:
        path: The file, a `pathlib.Path`, which need not exist.

    Returns:
        A list of dictionaries, each with its `"epoch"`.
    """
    if not path.exists():
        return []
    lines = path.read_text(errors="replace").splitlines()
    epochs = [epoch for epoch in map(_epoch, lines) if epoch]
    if len(epochs) < len(lines):
        print(
            f"{path} is damaged: {len(lines) - len(epochs)} of its "
            f"{len(lines)} lines cannot be read and are left out.",
            file=sys.stderr,
        )
    return epochs


def _epoch(line):
    """Returns the metrics in a line, or `None` if these are none."""
    try:
        metrics = json.loads(line)
        return metrics if isinstance(metrics["epoch"], int) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
