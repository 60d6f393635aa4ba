"""The page of the recipes says what the results say."""

import json

from docs import draw_dcgan_recipes as drawing


def test_the_table_is_that_of_the_results():
    page = drawing.PAGE.read_text("utf-8")
    results = json.loads(drawing.RESULTS.read_text())
    assert drawing.with_table(page, results) == page
    count = sum(map(len, results["recipes"].values()))
    assert drawing.table(results).count("\n") == count + 2
