"""Tables of the pages say what the results say."""

import json

import pytest

from docs import (
    draw_dcgan_recipes,
    draw_dcgan_upsamplers,
    draw_decoders,
    draw_steering,
    draw_upsamplers,
)


@pytest.mark.parametrize(
    "drawing",
    [
        draw_dcgan_recipes,
        draw_dcgan_upsamplers,
        draw_decoders,
        draw_steering,
        draw_upsamplers,
    ],
)
def test_the_table_is_that_of_the_results(drawing):
    page = drawing.PAGE.read_text("utf-8")
    results = json.loads(drawing.RESULTS.read_text())
    assert drawing.with_table(page, results) == page


def test_every_run_of_a_recipe_has_a_row():
    drawing = draw_dcgan_recipes
    results = json.loads(drawing.RESULTS.read_text())
    count = sum(map(len, results["cells"].values()))
    assert drawing.table(results).count("\n") == count + 1
