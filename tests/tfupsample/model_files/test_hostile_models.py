"""Damaged and hostile files: refused in a sentence, before they do harm."""

import json
import pathlib
import shutil

import hostile_models as hostile
import numpy as np
import pytest
from tensorflow.core.protobuf import saved_model_pb2

from tfupsample import load_pretrained
from tfupsample.errors import UnusableInput
from tfupsample.model_files import keras_file
from tfupsample.model_files.loading import load_keras, read_meta_graph
from tfupsample.model_files.saved_model_ops import check_operations
from tfupsample.pretrained import load as pretrained

LIMIT = 50 << 20  # bytes of memory more than before
SHIPPED = pretrained.PLACE


def memory(field):
    """Bytes of a field of /proc/self/status."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) << 10
    raise KeyError(field)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder that holds one model and its index."""
    place = tmp_path / "pretrained"
    shutil.copytree(SHIPPED / hostile.NAME, place / hostile.NAME)
    index = json.loads((SHIPPED / "index.json").read_text())
    index["models"] = {hostile.NAME: index["models"][hostile.NAME]}
    (place / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(pretrained, "PLACE", place)
    return place


def snapshot(folder):
    return sorted(
        (str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*")
    )


def refused(folder, load):
    """Runs `load`; returns the message with which it is refused.

    Nothing may be written and little memory taken.
    """
    before = snapshot(folder)
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    held = memory("VmRSS")
    with pytest.raises(UnusableInput) as caught:
        load()
    assert memory("VmHWM") - held < LIMIT
    assert snapshot(folder) == before
    message = str(caught.value)
    assert len(message) < 1000 and "\n" not in message.strip()
    return message


def change_index(place, change):
    path = place / "index.json"
    index = json.loads(path.read_text())
    change(index)
    path.write_text(json.dumps(index))


@pytest.mark.parametrize("name", hostile.FOLDERS)
def test_folders(name, place):
    hostile.FOLDERS[name](place / hostile.NAME)
    message = refused(place, lambda: load_pretrained(hostile.NAME))
    assert "not as it was published" in message or "cannot be read" in message


@pytest.mark.parametrize("name", hostile.TEXTS)
def test_texts_of_the_index(name, place):
    (place / "index.json").write_bytes(hostile.text(name))
    refused(place, lambda: load_pretrained(hostile.NAME))


@pytest.mark.parametrize("name", hostile.INDEXES)
def test_indexes(name, place):
    change_index(place, hostile.INDEXES[name])
    message = refused(place, lambda: load_pretrained(hostile.NAME))
    assert "no index of trained models" in message


@pytest.mark.parametrize("name", hostile.ARCHITECTURES)
def test_architectures(name, place):
    change_index(place, hostile.ARCHITECTURES[name])
    refused(place, lambda: load_pretrained(hostile.NAME, "keras"))


@pytest.mark.parametrize("kind", pretrained.KINDS)
@pytest.mark.parametrize("name", hostile.GRAPHS)
def test_graphs_of_the_right_hash(name, kind, place):
    folder = place / hostile.NAME
    path = folder / hostile.PB
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    hostile.GRAPHS[name](saved)
    path.write_bytes(saved.SerializeToString())
    change_index(place, lambda index: hostile.rehash(folder, index))
    message = refused(place, lambda: load_pretrained(hostile.NAME, kind))
    assert "no model of this project needs" in message or "one graph" in message


def test_an_unchanged_copy_is_not_refused(place):
    """Or the refusals above would say nothing."""
    change_index(place, lambda i: hostile.rehash(place / hostile.NAME, i))
    images = load_pretrained(hostile.NAME).serve(np.zeros((1, 100), "float32"))
    assert images.shape == (1, 32, 32, 3)


@pytest.mark.parametrize("name", hostile.KERAS)
def test_keras_files(name, tmp_path):
    path = tmp_path / "model.keras"
    hostile.write_keras(path, hostile.KERAS[name])
    refused(tmp_path, lambda: load_keras(path))
    if name not in hostile.LEFT_TO_KERAS:
        with pytest.raises(Exception):  # noqa: B017
            keras_file.read_keras(path)


@pytest.mark.parametrize("name", hostile.H5)
def test_h5_files(name, tmp_path):
    path = tmp_path / "model.h5"
    hostile.small_h5(path)
    hostile.H5[name](path)
    refused(tmp_path, lambda: load_keras(path))


def test_an_unchanged_keras_file_is_not_refused(tmp_path):
    hostile.write_keras(tmp_path / "model.keras", lambda members: None)
    assert load_keras(tmp_path / "model.keras").count_params() == 10
    hostile.small_h5(tmp_path / "model.h5")
    assert load_keras(tmp_path / "model.h5").count_params() == 10


def only_refused(load):
    """Whether it was; a change may also be without consequence."""
    try:
        load()
    except UnusableInput:
        return True
    return False


def fetch():
    return pretrained.fetch(pretrained.find_entry(hostile.NAME))


@pytest.mark.soak
def test_of_ten_thousand_mutated_files_none_raises_anything_else(
    place, rng, tmp_path
):
    """Graphs are searched as if their hash were the right one."""
    folder = place / hostile.NAME
    model = tmp_path / "model.keras"
    hostile.small_keras(model)
    cases = (
        (2000, folder / hostile.PB, fetch),
        (2000, folder / hostile.DATA, fetch),
        (3000, place / "index.json", fetch),
        (2000, folder / hostile.PB, lambda: search(folder)),
        (1000, model, lambda: load_keras(model)),
    )
    refusals = []
    for count, path, load in cases:
        content = path.read_bytes()
        refusals.append(0)
        for _ in range(count):
            path.write_bytes(hostile.mutated(content, rng))
            refusals[-1] += only_refused(load)
        path.write_bytes(content)
    print(refusals)
    # Not one byte of a file may differ; words of an index may.
    assert refusals[:2] == [2000, 2000]
    assert min(refusals) > 100


def search(folder):
    check_operations(read_meta_graph(folder), folder)
