"""Tables of the documentation that are drawn from results of benchmarks."""

import dataclasses
import json
import pathlib
import re
from collections.abc import Callable

DOCS = pathlib.Path(__file__).parent
RESULTS = DOCS.parent / "benchmarks/results"


@dataclasses.dataclass(frozen=True)
class DrawnTable:
    """A table that stands on a page between `<!-- name -->` and its end.

    Attributes:
        page: The name of the page in `docs/`.
        suite: The name of the file of results, without its suffix.
        name: What its marks say.
        lines: Function from the results to lists of cells; the first is the
            head.
    """

    page: str
    suite: str
    name: str
    lines: Callable

    def text(self):
        """Returns the page with the table that the results make."""
        results = json.loads((RESULTS / f"{self.suite}.json").read_text())
        head, *rows = self.lines(results)
        table = "\n".join(
            f"| {' | '.join(map(str, cells))} |"
            for cells in (head, ["---"] * len(head), *rows)
        )
        marks = f"<!-- {self.name} -->", f"<!-- end of {self.name} -->"
        return between(marks, self.written(), table)

    def written(self):
        """Returns the page as it is."""
        return (DOCS / self.page).read_text("utf-8")

    def write(self):
        """Writes the table into the page."""
        (DOCS / self.page).write_text(self.text(), "utf-8")


def between(marks, text, table):
    """Returns a page with another table between its two marks.

    Args:
        marks: The HTML comments before and behind the table.
        text: The page.
        table: Markdown.
    """
    begin, end = map(re.escape, marks)
    return re.sub(
        f"(?s)(?<={begin}\n).*(?={end})", lambda _: f"\n{table}\n\n", text
    )
