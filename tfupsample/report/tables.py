"""Tables and small patterns as HTML, with all text escaped."""

import html

import numpy as np

from tfupsample.measures.overlap import overlap
from tfupsample.printable import printable

_LARGEST_PERIOD = 8  # pixels of a pattern that a small picture can show


class Html(str):
    """Text that is already HTML; all other text is escaped."""


def text(value):
    """Returns a value as HTML, escaped unless it is `Html`.

    Control characters and marks of direction become visible.
    """
    if isinstance(value, Html):
        return value
    if isinstance(value, float):
        value = f"{value:.3g}"
    return Html(html.escape("" if value is None else printable(value)))


def element(name, content, kind=""):
    """Returns an element, of class `kind` if there is one."""
    attribute = f' class="{html.escape(kind)}"' if kind else ""
    return Html(f"<{name}{attribute}>{text(content)}</{name}>")


def join(parts):
    """Returns parts one after the other, each escaped unless it is `Html`."""
    return Html("".join(map(text, parts)))


def table(columns, rows):
    """Returns a table; narrow screens show a block for each row.

    Args:
        columns: Headings.
        rows: Lists of values, one for each column; the first names the row.
    """
    head = join(Html(f'<th scope="col">{text(name)}</th>') for name in columns)
    body = join(element("tr", _cells(columns, row)) for row in rows)
    head, body = element("thead", element("tr", head)), element("tbody", body)
    return element("table", join([head, body]))


def _cells(columns, row):
    head = Html(f'<th scope="row">{text(row[0])}</th>')
    return join([head, *map(_cell, columns[1:], row[1:])])


def _cell(column, value):
    if not (content := text(value)):
        return Html("<td></td>")
    label = f'data-label="{text(column)}"'
    return Html(f"<td {label}><div>{content}</div></td>")


def overlap_pattern(kernel_size, strides):
    """Returns a picture of how often a transposed convolution paints.

    Args:
        kernel_size: Taps along each axis; only the last two axes count.
        strides: The stride along each axis.

    Returns:
        An `svg` element of at least four pixels a side, darker where there is
        more paint; nothing if there is no such pattern or it is too large to
        show.
    """
    layers = list(zip(kernel_size, strides))[-2:]
    if not layers or not 1 < max(strides) <= _LARGEST_PERIOD:
        return Html("")
    axes = [overlap([layer]) for layer in layers]
    axes = [np.tile(axis, -(-4 // len(axis))) for axis in axes]
    rows = np.ones((1, 1), int) if len(axes) == 1 else axes[0][:, None]
    counts = rows * axes[-1]
    shares = counts / counts.max()
    height, width = shares.shape
    squares = join(_squares(shares, shade) for shade in np.unique(shares))
    return Html(
        f'<svg class="pattern" role="img" viewBox="0 0 {width} {height}" '
        f'aria-label="Overlap from {counts.min()} to {counts.max()}">'
        f"{squares}</svg>"
    )


def _squares(shares, shade):
    """Returns all pixels of one shade as a single path."""
    path = "".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(shares == shade))
    return Html(f'<path d="{path}" fill-opacity="{shade:.2f}"/>')
