"""Pictures that stay in their files, where memory would not hold them."""

import logging
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from train.data import DataError, batches, crops, files, load_images
from train.data import images as held
from train.data.crops import crop_batches
from train.data.files import FileImages, PictureFile, identities, only
from train.data.pairs import LowResolution, make_pairs
from train.data.photographs import read_pictures

COUNT, BATCH = 11, 3


@pytest.fixture
def folder(rng, tmp_path):
    """Pictures of noise in three subfolders, of different sizes."""
    for i in range(COUNT):
        path = tmp_path / "pictures" / "abc"[i % 3] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (20 + i, 24, 3), "uint8")
        Image.fromarray(pixels).save(path)
    return tmp_path / "pictures"


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(held, "MAX_BYTES", 1000)


def load(folder, **how):
    return load_images("folder", 8, str(folder), **{"stream": True} | how)


def both(load, folder, monkeypatch):
    """What is loaded into memory, and what stays in files."""
    in_memory = load(folder)
    monkeypatch.setattr(held, "MAX_BYTES", 1000)
    return in_memory, load(folder)


def test_the_choice_is_made_and_said_by_size(folder, monkeypatch, capsys):
    in_memory = load(folder).images
    assert isinstance(in_memory, np.ndarray)
    monkeypatch.setattr(held, "MAX_BYTES", in_memory.nbytes)
    assert isinstance(load(folder).images, np.ndarray)
    assert not capsys.readouterr().out
    monkeypatch.setattr(held, "MAX_BYTES", in_memory.nbytes - 1)
    assert isinstance(load(folder).images, FileImages)
    assert capsys.readouterr().out.startswith("11 pictures of 8x8 pixels would")
    assert isinstance(load(folder, max_images=10).images, np.ndarray)


def test_the_limit_is_half_the_memory_of_a_small_machine(monkeypatch):
    pages = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)
    assert held.memory_limit() == 500 * 4096
    pages["SC_PHYS_PAGES"] = 10**9
    assert held.memory_limit() == held.MAX_BYTES


def test_files_stand_for_the_array_in_memory(folder, monkeypatch):
    one, two = both(load, folder, monkeypatch)
    assert two.images.shape == one.images.shape
    assert two.labels["label"].tolist() == one.labels["label"].tolist()
    assert two.classes == one.classes
    mask = np.arange(COUNT) % 2 == 0
    for rows in (slice(None), slice(2, None, 3), np.array([4, 0]), mask):
        np.testing.assert_array_equal(two.images[rows], one.images[rows])
    np.testing.assert_array_equal(
        only(two.images, mask)[:], only(one.images, mask)
    )


def test_batches_are_those_of_pictures_in_memory(folder, monkeypatch):
    one, two = (
        list(batches(data.images, BATCH, 5, 0, 2).as_numpy_iterator())
        for data in both(load, folder, monkeypatch)
    )
    np.testing.assert_array_equal(one, two)


@pytest.mark.usefixtures("little_memory")
def test_only_the_pictures_that_are_asked_for_are_read(folder, monkeypatch):
    read, opened = files.open_rgb, []
    monkeypatch.setattr(
        files, "open_rgb", lambda path: opened.append(path.name) or read(path)
    )
    images = load(folder).images
    only(images, np.ones(COUNT, bool))
    identities(images)
    assert not opened
    images[np.array([3, 1])]
    assert sorted(opened) == ["03.png", "09.png"]  # a: 0 3 6 9, b: 1 4 …
    opened.clear()
    assert len(list(batches(images, BATCH, 5, 0, 1, skip=2))) == 1
    assert len(opened) == BATCH


@pytest.mark.usefixtures("little_memory")
def test_the_next_one_of_its_folder_takes_the_place_of_a_damaged_one(
    folder, caplog
):
    before = load(folder).images[:]
    (folder / "a" / "09.png").write_bytes(b"nothing")  # the last one of a
    images = load(folder).images
    with caplog.at_level(logging.WARNING):
        after = images[:]
        images[:]
    np.testing.assert_array_equal(after[3], before[0])
    np.testing.assert_array_equal(
        np.delete(after, 3, 0), np.delete(before, 3, 0)
    )
    assert caplog.text.count("09.png") == 1
    for path in (folder / "a").iterdir():
        path.write_bytes(b"nothing")
    with pytest.raises(DataError, match="None of the pictures in 'a'"):
        images[:]


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("load", [lambda f: load(f).images, read_pictures])
def test_pictures_are_known_by_the_names_and_sizes_of_files(folder, load):
    def known(folder):
        return [bytes(array) for array in identities(load(folder))]

    before = known(folder)
    assert len(set(before)) == COUNT
    copy = shutil.copytree(
        folder, folder.parent / "copy", copy_function=shutil.copyfile
    )
    assert known(copy) == before
    with open(copy / "a" / "00.png", "ab") as file:
        file.write(b"more")
    changed = known(copy)
    assert changed[0] != before[0] and changed[1:] == before[1:]
    (folder / "a" / "00.png").rename(folder / "a" / "01.png")
    assert known(folder)[0] != before[0]


def test_crops_are_those_of_pictures_in_memory(folder, monkeypatch, capsys):
    loaded = both(lambda f: read_pictures(str(f)), folder, monkeypatch)
    assert "The 11 pictures" in capsys.readouterr().out
    one, two = (
        list(crop_batches(make_pairs(p, 3, 6), 6, 4, 3, 0, 0, 1))
        for p in loaded
    )
    for batch, other in zip(one, two, strict=True):
        for side, same in zip(batch, other, strict=True):
            np.testing.assert_array_equal(side, same)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_part_in_low_resolution_is_made_from_its_surroundings(folder, scale):
    path = folder / "a" / "09.png"  # 29 pixels high, 24 wide
    file = PictureFile.of(folder, path)
    ((low, high),) = make_pairs([file], scale, 1)
    ((expected, picture),) = make_pairs([file[:]], scale, 1)
    assert isinstance(low, LowResolution)
    assert low.shape == expected.shape and high.shape == picture.shape
    for part in (np.s_[0:3, 0:3], np.s_[1:6, 2:4], np.s_[2:6, 3:6]):
        np.testing.assert_array_equal(low[part], expected[part])


def test_the_size_of_a_picture_is_that_of_the_upright_one(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (30, 20))
    image.save(tmp_path / "turned.jpg", exif=exif)
    image.save(tmp_path / "plain.jpg")
    for name, shape in (("turned", (30, 20, 3)), ("plain", (20, 30, 3))):
        file = PictureFile.of(tmp_path, tmp_path / f"{name}.jpg")
        assert file.shape == file[:].shape == shape


@pytest.mark.usefixtures("little_memory")
def test_another_crop_is_drawn_where_a_file_is_damaged(folder, rng, caplog):
    pairs = make_pairs(read_pictures(str(folder)), 2, 4)
    for path in folder.glob("[bc]/*.png"):
        path.write_bytes(path.read_bytes()[:200])
    with caplog.at_level(logging.WARNING):
        drawn = [crops.random_crop(pairs, 4, True, rng) for _ in range(9)]
    assert all(high.shape == (8, 8, 3) for _, high in drawn)
    assert "Another one is drawn" in caplog.text
    shutil.rmtree(folder / "a")
    files.decoded.cache_clear()
    with pytest.raises(DataError, match="cannot be read any more"):
        crops.random_crop(pairs, 4, True, rng)
