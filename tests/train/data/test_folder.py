"""A folder of pictures: what is read, how, and what is left out."""

import logging
import os

import numpy as np
import pytest
from PIL import Image

from train.data import DataError, load_images
from train.data import images as held


def save(path, colour=(10, 200, 30), size=(8, 8), mode="RGB", **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **how)
    return path


def load(folder, **how):
    return load_images("folder", 8, str(folder), **how)


def test_pictures_come_back_unchanged_at_their_own_size(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(load(tmp_path).images, pixels[None])


def test_central_square_is_cut_out_before_resizing(tmp_path):
    pixels = np.zeros((16, 48, 3), np.uint8)
    pixels[:, 16:32] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    Image.fromarray(pixels.swapaxes(0, 1)).save(tmp_path / "tall.png")
    assert load(tmp_path).images.min() == 255


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "webp"])
def test_file_type_is_read(tmp_path, suffix):
    save(tmp_path / f"a.{suffix}", (120, 120, 120))
    assert np.abs(load(tmp_path).images.astype(int) - 120).max() < 4


def test_files_are_sorted_by_path(tmp_path):
    for name in ("b/x.png", "a/z.png", "c/deep/y.png"):
        save(tmp_path / name, (ord(name[0]), 0, 0))
    reds = load(tmp_path).images[:, 0, 0, 0]
    assert [chr(red) for red in reds] == ["a", "b", "c"]


def test_camera_orientation_is_honoured(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(load(tmp_path).images[0], pixels[::-1])


def test_transparent_parts_become_white(tmp_path):
    save(tmp_path / "a.png", (0, 0, 0, 0), mode="RGBA")
    save(tmp_path / "b.png", (0, 255), mode="LA")
    assert [row.mean() for row in load(tmp_path).images] == [255, 0]


def test_grey_of_sixteen_bits_is_scaled_to_eight(tmp_path):
    grey = np.full((8, 8), 0x7F7F, np.uint16)
    Image.fromarray(grey).save(tmp_path / "a.png")
    assert np.all(load(tmp_path).images == 0x7F)


def test_subfolders_are_classes_in_sorted_order(tmp_path):
    for name in ("dog/1.png", "cat/1.png", "dog/2.png"):
        save(tmp_path / name)
    assert load(tmp_path).labels["label"].tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "names", [("1.png",), ("cat/1.png", "2.png"), ("cat/small/1.png",)]
)
def test_other_nesting_gives_no_labels(tmp_path, names):
    for name in names:
        save(tmp_path / name)
    assert load(tmp_path).labels == {}


def test_unreadable_files_are_left_out_named_and_logged(tmp_path, caplog):
    save(tmp_path / "a/good.png")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/text.png").write_text("no picture")
    whole = save(tmp_path / "b/cut.jpg", size=(64, 64)).read_bytes()
    (tmp_path / "b/cut.jpg").write_bytes(whole[: len(whole) // 2])
    save(tmp_path / "c/good.png")
    with caplog.at_level(logging.WARNING):
        data = load(tmp_path)
    assert data.left_out == ("b/cut.jpg", "b/text.png")
    assert data.labels["label"].tolist() == [0, 2]
    assert "2 unreadable" in caplog.text
    assert "b/cut.jpg" in caplog.text


def test_pipes_and_hidden_files_are_left_out(tmp_path):
    """A pipe that was opened would be waited for, for ever."""
    save(tmp_path / "a/good.png")
    os.mkfifo(tmp_path / "a/pipe.png")
    (tmp_path / "a/._good.png").write_bytes(b"of another system")
    data = load(tmp_path)
    assert len(data.images) == 1
    assert not data.left_out


def test_picture_too_large_to_be_safe_is_left_out(tmp_path, monkeypatch):
    save(tmp_path / "a.png")
    save(tmp_path / "bomb.png", size=(40, 40))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert load(tmp_path).left_out == ("bomb.png",)


def test_a_few_pictures_are_spread_over_the_classes(tmp_path):
    for name in "abcd":
        for number in range(3):
            save(tmp_path / name / f"{number}.png")
    labels = load(tmp_path, max_images=4).labels["label"]
    assert labels.tolist() == [0, 1, 2, 3]


def test_asking_for_more_pictures_than_there_are_takes_all(tmp_path):
    save(tmp_path / "a.png")
    assert len(load(tmp_path, max_images=9).images) == 1


def test_too_many_pictures_for_memory_are_an_error(tmp_path, monkeypatch):
    for number in range(3):
        save(tmp_path / f"{number}.png")
    monkeypatch.setattr(held, "MAX_BYTES", 2 * 8 * 8 * 3)
    assert len(load(tmp_path, max_images=2).images) == 2
    with pytest.raises(DataError, match="--max_images to at most 2"):
        load(tmp_path)


@pytest.mark.parametrize("folder", ["", "missing", "file"])
def test_missing_folder_is_an_error(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=f"--data_dir.*'{folder}'"):
        load(folder)


def test_folder_without_pictures_is_an_error(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError, match="no PNG, JPEG, WebP or BMP"):
        load(tmp_path)


def test_folder_without_readable_pictures_is_an_error(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(DataError, match="None of the 1 pictures.*a.png"):
        load(tmp_path)


def test_folder_has_only_the_split_train(tmp_path):
    save(tmp_path / "a.png")
    with pytest.raises(DataError, match="received 'test'"):
        load(tmp_path, split="test")


@pytest.mark.parametrize("wrong", [dict(image_size=0), dict(max_images=-1)])
def test_impossible_numbers_are_errors(wrong):
    (name,) = wrong
    arguments = dict(dataset="folder", image_size=8) | wrong
    with pytest.raises(DataError, match=f"{name} must be"):
        load_images(**arguments)


def test_home_folder_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save(tmp_path / "pictures/a.png")
    assert len(load("~/pictures").images) == 1
