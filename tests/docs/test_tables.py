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
from docs.page_tables import RESULTS

DRAWINGS = [
    draw_dcgan_recipes,
    draw_dcgan_upsamplers,
    draw_decoders,
    draw_steering,
    draw_upsamplers,
]


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_the_table_is_that_of_the_results(drawing):
    assert drawing.TABLE.text() == drawing.TABLE.written()


def test_every_run_of_a_recipe_has_a_row():
    results = json.loads((RESULTS / "dcgan_recipes.json").read_text())
    count = sum(map(len, results["cells"].values()))
    assert len([*draw_dcgan_recipes.lines(results)]) == count + 1
