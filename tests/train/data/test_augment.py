"""Augmentation: what it changes, what it keeps, and that it repeats."""

import numpy as np
import pytest

from train.data import Augmentation, batches


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (12, 6, 8, 3)).astype(np.uint8)


def generator():
    return np.random.default_rng(3)


def test_nothing_by_default(images):
    np.testing.assert_array_equal(Augmentation()(images, generator()), images)


def test_flip_mirrors_some_pictures_and_keeps_the_others(images):
    changed = Augmentation(flip=True)(images, generator())
    kept = (changed == images).all(axis=(1, 2, 3))
    mirrored = (changed == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert kept.any() and mirrored.any() and (kept | mirrored).all()


def test_crop_moves_each_picture_within_its_mirrored_border(images):
    changed = Augmentation(crop=2)(images, generator())
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), "symmetric")
    moves = set()
    for before, after in zip(padded, changed):
        windows = {
            (y, x): before[y : y + 6, x : x + 8]
            for y in range(5)
            for x in range(5)
        }
        moves |= {at for at, w in windows.items() if np.array_equal(w, after)}
    assert len(moves) > 6 and changed.shape == images.shape


def test_colour_keeps_a_grey_picture_grey_and_scales_it():
    grey = np.full((40, 2, 2, 3), 100, np.uint8)
    changed = Augmentation(colour=0.2)(grey, generator())
    assert (changed == changed[:, :1, :1, :1]).all()
    assert changed.min() in range(80, 90) and changed.max() in range(111, 121)


def test_colour_changes_saturation(images):
    changed = Augmentation(colour=0.5)(images[:4] // 4 + 96, generator())
    spread = np.ptp(changed.astype(float), axis=-1).mean(axis=(1, 2))
    before = np.ptp(images[:4] // 4 + 96.0, axis=-1).mean(axis=(1, 2))
    assert len(np.unique(np.round(spread / before, 2))) == 4


def test_a_batch_is_augmented_alike_whenever_it_is_served(images):
    everything = Augmentation(flip=True, crop=2, colour=0.3)

    def served(first, last):
        dataset = batches(images, 4, 5, first, last, augment=everything)
        return np.array([batch.numpy() for batch in dataset])

    whole = served(0, 3)
    np.testing.assert_array_equal(whole[3:], served(1, 3))
    assert not np.array_equal(whole[:3], whole[3:6])


def test_labels_stay_with_their_pictures(images):
    labels = images[:, 0, 0, 0].astype(int)
    for pictures, beside in batches(images, 4, 5, 0, 2, labels=labels):
        levels = np.rint((pictures.numpy()[:, 0, 0, 0] + 1) * 127.5)
        np.testing.assert_array_equal(levels, beside)
