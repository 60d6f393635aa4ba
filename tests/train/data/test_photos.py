"""Crops of the photographs that other packages ship."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

from train.data import DataError, load_images
from train.data.photos import (
    FILES,
    NAMES,
    Photos,
    PhotosConfig,
    photograph,
    random_crop,
)
from train.data.prepare import prepare
from train.data.reading import read_images


def tiny(data_dir, **changed):
    sizes = dict(image_size=16, train=14, test=4)
    config = PhotosConfig(name="tiny", **(sizes | changed))
    return Photos(config=config, data_dir=str(data_dir))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(tiny(tmp_path_factory.mktemp("photos")))


def test_no_photograph_of_the_test_is_seen_in_training(prepared):
    shown = {
        split: {
            NAMES[i]
            for i in read_images(prepared, 16, 0, split).labels["photograph"]
        }
        for split in FILES
    }
    assert len(shown["train"]) == len(FILES["train"])
    assert shown["test"] == {"coffee", "flower"}
    assert not shown["train"] & shown["test"]


def test_two_builds_give_the_same_crops_in_the_same_order(prepared, tmp_path):
    again = prepare(tiny(tmp_path))
    first, second = (
        read_images(folder, 16, 0, "train") for folder in (prepared, again)
    )
    np.testing.assert_array_equal(first.images, second.images)
    np.testing.assert_array_equal(
        first.labels["photograph"], second.labels["photograph"]
    )


def test_another_seed_gives_other_crops(prepared, tmp_path):
    other = read_images(prepare(tiny(tmp_path, seed=1)), 16, 0, "train").images
    images = read_images(prepared, 16, 0, "train").images
    assert (images != other).any(axis=(1, 2, 3)).all()


def test_a_crop_is_a_reduced_square_of_the_photograph():
    """The channels of this picture say where each pixel was."""
    rows, columns = np.indices((200, 250)).astype("uint8")
    place = Image.fromarray(np.stack([rows, columns, rows], axis=-1))
    steps, mirrored = [], 0
    for seed in range(60):
        crop = random_crop(place, 32, np.random.default_rng(seed)).astype(float)
        inside = crop[2:-2, 2:-2]  # the filter is cut off at the edge
        down = np.diff(inside[..., 0].mean(axis=1))
        right = np.diff(inside[..., 1].mean(axis=0))
        assert np.ptp(inside[..., 0], axis=1).max() <= 1
        assert np.ptp(inside[..., 1], axis=0).max() <= 1
        assert down.mean() == pytest.approx(abs(right.mean()), abs=0.1)
        steps.append(down.mean())
        mirrored += right.mean() < 0
    assert 0.95 < min(steps) < 1.2
    assert 3 < max(steps) <= 4.05
    assert 15 < mirrored < 45


def test_every_size_fits_into_every_photograph():
    largest = max(c.image_size for c in Photos.BUILDER_CONFIGS)
    for files in FILES.values():
        for file in files:
            assert min(photograph(file).size) >= largest


def test_photos_are_loaded_by_name(tmp_path, monkeypatch):
    config = PhotosConfig(name="tiny", image_size=16, train=7, test=3)
    monkeypatch.setattr(Photos, "BUILDER_CONFIGS", [config])
    data = load_images("photos", 8, str(tmp_path), split="test")
    assert data.images.shape == (3, 8, 8, 3)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="install or update scikit-image"):
        photograph("skimage/data/coffee.png")


def test_a_missing_file_is_named():
    with pytest.raises(DataError, match="sklearn/nothing.jpg: install"):
        photograph("sklearn/nothing.jpg")
