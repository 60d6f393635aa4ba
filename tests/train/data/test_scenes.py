"""Drawn scenes and solids: their masks say what is drawn where."""

import numpy as np
import pytest

from train.data import DataError, scenes, solids
from train.data.drawing import SHAPES
from train.data.drawn import DrawnConfig
from train.data.mask_reading import read_masked
from train.data.masked import load_masked
from train.data.prepare import prepare


def made(index, side=64, seed=0):
    return scenes.scene(side, np.random.default_rng((seed, 0, index)))


@pytest.fixture
def flat(monkeypatch):
    """Surfaces of one grey each, brighter the higher they lie; no noise."""

    def greys(count, side, rng):
        levels = np.arange(1, count + 1) / 10
        return np.broadcast_to(
            levels[:, None, None, None], (count, side, side, 3)
        )

    monkeypatch.setattr(scenes, "stripes", greys)
    monkeypatch.setattr(scenes, "_GRAIN", 0.0)


@pytest.mark.usefixtures("flat")
def test_the_mask_says_what_lies_on_top():
    """A grey that no mixing at an edge makes belongs to one layer alone."""
    for index in range(8):
        rng = np.random.default_rng(index)
        count = rng.integers(scenes._FEWEST, scenes._MOST + 1)
        kinds = rng.integers(len(SHAPES), size=count)
        image, mask = scenes.scene(64, np.random.default_rng(index))
        layer = image[..., 0] / 25.5 - 1
        inside = np.abs(layer - np.rint(layer)) < 0.03
        classes = np.array([0, *(1 + kinds)])[np.rint(layer).astype(int)]
        # Where an edge happens to mix two greys to a third.
        wrong = inside & (classes != mask)
        assert inside.mean() > 0.7 and wrong.mean() < 0.01


def test_kinds_are_equally_frequent_and_as_large():
    pixels = np.zeros(len(scenes.CLASSES))
    for index in range(250):
        pixels += np.bincount(made(index)[1].ravel(), minlength=len(pixels))
    shares = pixels / pixels.sum()
    assert 0.5 < shares[0] < 0.85
    np.testing.assert_allclose(shares[1:], shares[1:].mean(), rtol=0.2)


def test_outlines_alone_tell_the_classes():
    """Every kind of shape has the colours of every other."""
    means = np.zeros((len(scenes.CLASSES), 3))
    count = np.zeros(len(means))
    for index in range(250):
        image, mask = made(index)
        np.add.at(means, mask.ravel(), image.reshape(-1, 3))
        count += np.bincount(mask.ravel(), minlength=len(means))
    means /= count[:, None]
    shapes = means[1:]
    assert np.abs(shapes - shapes.mean(axis=0)).max() < 12


def test_a_scene_depends_on_its_index_alone(tmp_path):
    config = DrawnConfig(name="t", image_size=16, train=5, test=2)
    builder = scenes.Scenes(config=config, data_dir=str(tmp_path))
    images, masks, classes = read_masked(prepare(builder), 16, 0, "train")
    assert classes == scenes.CLASSES and len(images) == 5
    drawn = {made(i, 16)[0].tobytes(): made(i, 16)[1] for i in range(5)}
    for image, mask in zip(images, masks):  # the order is shuffled
        np.testing.assert_array_equal(drawn.pop(image.tobytes()), mask)
    assert not np.array_equal(made(0)[0], made(1)[0])
    assert not np.array_equal(made(0)[0], made(0, seed=1)[0])


def test_data_without_masks_is_refused(tmp_path):
    with pytest.raises(DataError, match="'segmentation_mask'.*scenes"):
        load_masked("shapes", 64, str(tmp_path), 0, "train")


@pytest.mark.parametrize("name", solids.SOLIDS)
def test_solids_are_as_large(name):
    place = (np.arange(64) + 0.5) / 16 - 2
    distance = solids.SOLIDS[name](
        *(place.reshape(n) for n in ((-1, 1, 1), (1, -1, 1), (1, 1, -1)))
    )
    assert np.mean(distance < 0) * 4**3 == pytest.approx(
        4 / 3 * np.pi, rel=0.03
    )


def test_volumes_repeat_and_their_masks_fit(monkeypatch):
    monkeypatch.setattr(solids, "_GRAIN", 0.0)
    volumes, masks = solids.solids(24, "train", 6)
    assert volumes.shape == (6, 24, 24, 24, 1)
    again, _ = solids.solids(24, "train", 3)
    np.testing.assert_array_equal(volumes[:3], again)
    assert not np.array_equal(volumes, solids.solids(24, "test", 6)[0])
    assert {*np.unique(masks)} == {*range(len(solids.CLASSES))}
    for volume, mask in zip(volumes[..., 0], masks):
        ground = np.unique(volume[mask == 0], return_counts=True)
        most = ground[0][ground[1].argmax()]
        # All but edges has the grey of the ground, and nothing else does.
        assert ground[1].max() > 0.8 * ground[1].sum()
        assert np.mean(volume[mask > 0] == most) < 0.02


def test_solids_come_with_names_and_at_most_as_many():
    data = load_masked("solids", 8, "", 3, "train")
    assert data.images.shape == (3, 8, 8, 8, 1)
    assert data.classes == solids.CLASSES
