"""Progress on standard error."""

import sys
import time

_SECONDS = 10


class Progress:
    """A bar on a terminal; elsewhere a line every ten seconds.

    Args:
        unit: The name of the counted things, in the singular.
    """

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.shown = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Shows that `done` of `total` units are done."""
        text = f"{self.unit} {done} of {total}"
        if sys.stderr.isatty():
            bar = "#" * (30 * done // total)
            end = "\n" if done == total else ""
            print(f"\r[{bar:30}] {text}", end=end, file=sys.stderr, flush=True)
        elif time.monotonic() >= self.shown + _SECONDS:
            self.shown = time.monotonic()
            print(text, file=sys.stderr, flush=True)
