"""From the networks of two runs to the sheets of a direction."""

import json

import keras
import pytest
from PIL import Image

from models.stylegan2 import generator
from train import factors, traverse
from train.networks.write import save_keras


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Arguments of a traversal of an untrained generator."""
    monkeypatch.setattr(traverse, "SAMPLES", 64)
    monkeypatch.setattr(traverse, "TRAVERSALS", 8)
    keras.utils.set_random_seed(2)  # a seed with both verdicts
    (tmp_path / "run").mkdir()
    save_keras(generator(16, 3, 4, 2, 4), tmp_path / "run", "generator")
    save_keras(factors.network(16, 2), tmp_path, "factors")
    path = tmp_path / "factors.keras"
    return [str(tmp_path / "run"), "x", f"--factors={path}", "--steps=2"]


@pytest.fixture
def command(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["traverse", *arguments])
        return traverse.main(), capsys.readouterr()

    return run


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_traversal_leaves_sheets_and_measures(trained, tmp_path, command):
    status, printed = command(*trained)
    assert status == 0, printed.err
    run = tmp_path / "run"
    for space in ("z", "w"):
        with Image.open(run / f"traverse_x_{space}.png") as sheet:
            assert sheet.size == (9 * 16, 6 * 16)
    rows = json.loads((run / "traverse_x.json").read_text())
    assert rows.keys() == {"z", "w"}
    for row in rows.values():
        assert 0 <= row["follow_rate"] <= 1
        assert row["moved"].keys() == set(factors.FACTORS)
    assert "verdict on x follows" in printed.out


@pytest.mark.slow
def test_what_cannot_be_traversed_is_one_sentence(trained, tmp_path, command):
    run, factor, reader, _ = trained
    status, printed = command("/nowhere", factor, reader)
    assert (status, "/nowhere" in printed.err) == (2, True)
    status, printed = command(run, factor, "--factors=/nowhere/x.keras")
    assert (status, "/nowhere/x.keras" in printed.err) == (2, True)
    save_keras(factors.network(32, 2), tmp_path, "factors")
    status, printed = command(*trained)
    assert (status, "reads pictures of" in printed.err) == (2, True)
    damaged = tmp_path / "factors.keras"
    damaged.write_bytes(damaged.read_bytes()[:-99])
    status, printed = command(*trained)
    assert (status, "factors.keras cannot be loaded" in printed.err) == (
        2,
        True,
    )


@pytest.mark.slow
def test_other_networks_than_it_needs_are_refused(trained, tmp_path, command):
    run, factor, reader, _ = trained
    status, printed = command(run, factor, f"--factors={run}")
    assert (status, "not trained by train.factors" in printed.err) == (2, True)
    status, printed = command(str(tmp_path), factor, reader)
    assert (status, "no generator of pictures" in printed.err) == (2, True)
