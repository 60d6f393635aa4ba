"""Verdicts on models of KerasHub and of keras.io, beside those by hand."""

import json
import os
import pathlib
import re
import time

import hub_models
import keras
import public_examples
import pytest

from tfupsample.inspection.inspect import inspect_model
from tfupsample.inspection.saved_model import inspect_saved_model

pytestmark = [
    pytest.mark.hub,
    # Of KerasHub's own calls of its models.
    pytest.mark.filterwarnings("ignore"),
]
TABLES = {
    "keras.io": public_examples.EXAMPLES,
    "KerasHub": hub_models.MODELS,
}


@pytest.fixture(scope="module")
def rows():
    """Rows of the table, which the maker names a file for."""
    return []


@pytest.mark.parametrize(
    ("source", "name"), [(s, name) for s in TABLES for name in TABLES[s]]
)
def test_verdict_is_that_by_hand(source, name, rows):
    public = TABLES[source][name]
    keras.utils.clear_session()
    model = public.build()
    before = _forget_peak()
    start = time.process_time()
    inspection = inspect_model(model, samples=8)
    seconds = time.process_time() - start
    rows.append(
        {
            "source": source,
            "model": name,
            "paints": inspection.has("paints"),
            "reason": public.reason,
            "processor_seconds": round(seconds, 1),
            "peak_mb": max(_memory("VmHWM") - before, 0),
            "not_run": inspection.probe.get("skipped", ""),
        }
    )
    if path := os.environ.get("PUBLIC_MODELS"):
        text = json.dumps(rows, indent=1, ensure_ascii=False)
        pathlib.Path(path).write_text(f"{text}\n", encoding="utf-8")
    assert inspection.has("paints") == public.paints


def _forget_peak():
    """Starts to measure the peak anew, on Linux; returns what is held now."""
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(kind):
    """Megabytes of this process."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(rf"{kind}:\s+(\d+) kB", status)[1]) // 1000


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("keras.io", "DCGAN"),
        ("keras.io", "U-Net of pets"),
        ("KerasHub", "VAEDecoder"),
        ("KerasHub", "SegFormerImageSegmenter"),
    ],
)
def test_a_saved_model_is_read_to_the_same_verdict(source, name, tmp_path):
    public = TABLES[source][name]
    public.build().export(str(tmp_path / "exported"), verbose=False)
    found = inspect_saved_model(tmp_path / "exported")
    assert found.has("paints") == public.paints
