"""Puts a drawn table into a page of the documentation."""

import re


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
