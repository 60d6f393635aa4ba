"""Datasets that TensorFlow Datasets knows by name."""

import pathlib
import socket
import subprocess
import sys

import pytest

from train.data import DataError, load_images


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise OSError("no network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr("urllib.request.getproxies", dict)


def message(dataset, data_dir):
    with pytest.raises(DataError) as caught:
        load_images(dataset, 32, str(data_dir))
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_dataset_out_of_reach_is_one_clear_sentence(tmp_path):
    text = message("mnist", tmp_path)
    for part in ("'mnist'", str(tmp_path), "--dataset=shapes", "no connection"):
        assert part in text


def test_unknown_name_is_answered_with_a_few_near_ones(tmp_path):
    text = message("mnst", tmp_path)
    assert "mnist" in text
    assert len(text) < 300


def test_misspelt_own_dataset_is_recognised(tmp_path):
    assert "(near: shapes" in message("shape", tmp_path)


@pytest.mark.parametrize("name", ["", "a/b/c", "mnist/nope", "mnist:9.9.9"])
def test_malformed_name_is_an_error(tmp_path, name):
    assert f"{name!r} cannot be used" in message(name, tmp_path)


def test_dataset_of_texts_is_refused_before_any_download(tmp_path):
    assert "feature 'image'" in message("imdb_reviews", tmp_path)


def test_importing_loads_no_heavy_library():
    code = (
        "import sys, train.data;"
        "heavy = {'tensorflow', 'tensorflow_datasets', 'sklearn', 'keras'};"
        "sys.exit(str(heavy & set(sys.modules) or ''))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=pathlib.Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert run.stderr.strip() == ""
