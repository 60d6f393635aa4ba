"""Verdicts on models of KerasHub and of keras.io, beside those by hand."""

import json
import os
import pathlib

import keras
import numpy as np
import pytest
from keras import ops
from public_table import TABLES, row_of

from tfupsample import fuse_model
from tfupsample.inspection.saved_model import inspect_saved_model

pytestmark = pytest.mark.hub


@pytest.fixture(scope="module")
def rows():
    """Rows of the table, which the maker names a file for."""
    return []


@pytest.mark.parametrize(
    ("source", "name"), [(s, name) for s in TABLES for name in TABLES[s]]
)
def test_verdict_is_that_by_hand(source, name, rows):
    rows.append(row_of(source, name))
    if path := os.environ.get("PUBLIC_MODELS"):
        text = json.dumps(rows, indent=1, ensure_ascii=False)
        pathlib.Path(path).write_text(f"{text}\n", encoding="utf-8")
    assert rows[-1]["paints"] == TABLES[source][name].paints


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("keras.io", "DCGAN"),
        ("keras.io", "U-Net of pets"),
        ("KerasHub", "VAEDecoder"),
        ("KerasHub", "SegFormerImageSegmenter"),
    ],
)
# Of KerasHub's own calls of its layers.
@pytest.mark.filterwarnings("ignore")
def test_a_saved_model_is_read_to_the_same_verdict(source, name, tmp_path):
    public = TABLES[source][name]
    public.build().export(str(tmp_path / "exported"), verbose=False)
    found = inspect_saved_model(tmp_path / "exported")
    assert found.has("paints") == public.paints


# Of KerasHub's own calls of its layers.
@pytest.mark.filterwarnings("ignore")
def test_a_vae_decoder_is_fused_and_saved(tmp_path):
    """Its three pairs lie in a layer that holds others."""
    model = TABLES["KerasHub"]["VAEDecoder"].build()
    result = fuse_model(model)
    assert [pair.scale for pair in result.pairs] == [(2, 2)] * 3
    assert result.difference["relative"] <= 1e-5
    result.model.save(tmp_path / "fused.keras")
    loaded = keras.models.load_model(tmp_path / "fused.keras")
    shape = [n or 16 for n in model.inputs[0].shape]
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    before, after = (ops.convert_to_numpy(one(x)) for one in (model, loaded))
    assert np.abs(after - before).max() <= 1e-5 * np.abs(before).max()
