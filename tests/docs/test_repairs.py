"""The page of repairs says what the results say."""

from docs import draw_repairs


def test_the_table_is_that_of_the_results():
    page = (draw_repairs.FOLDER / "repair.md").read_text("utf-8")
    assert draw_repairs.with_table(page) == page
    rows = draw_repairs.results()["networks"]
    assert draw_repairs.table(rows).count("\n") == len(rows) + 1
