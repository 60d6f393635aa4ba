"""The table of `docs/layers.md` is true, in both of its columns."""

from pathlib import Path

import pytest

from docs import stock_ops


@pytest.mark.slow
@pytest.mark.parametrize("row", stock_ops.ROWS)
def test_ours_is_right_where_stock_ops_are_not(row):
    """The day the stock column comes right, the text has to change."""
    stock, ours = stock_ops.measure(row)
    right = 1e-2 if "bfloat16" in row else 2e-6
    assert ours < right
    assert isinstance(stock, str) or not stock < 10 * right


def test_the_page_shows_every_row():
    page = Path(stock_ops.__file__).with_name("layers.md").read_text()
    assert all(f"| {row} |" in page for row in stock_ops.ROWS)
