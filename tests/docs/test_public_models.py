"""The page of the inspector shows the table that was measured."""

import json

import doc_pages
from public_table import TABLES, lines_of


def test_table_is_that_of_the_results_and_has_no_wrong_verdict():
    results = doc_pages.ROOT / "benchmarks/results/public_models.json"
    rows = json.loads(results.read_text("utf-8"))
    expected = {
        (source, name): public.paints
        for source, models in TABLES.items()
        for name, public in models.items()
    }
    found = {(row["source"], row["model"]): row["paints"] for row in rows}
    assert found == expected
    page = (doc_pages.ROOT / "docs/inspect.md").read_text("utf-8")
    assert "\n".join(lines_of(rows)) in page
