"""Pictures and masks together: files, augmentation, batches."""

import numpy as np
import pytest
from PIL import Image

from models.segmentation_loss import VOID
from train.data import Augmentation, DataError
from train.data.mask_files import read_masked_folder
from train.data.mask_reading import named
from train.data.masked import Masked, MaskedAugmentation, masked_batches
from train.data.masks import fit_mask, numbered

PLAIN = MaskedAugmentation(Augmentation(), Augmentation())


@pytest.fixture
def pairs(rng, tmp_path):
    """A folder of four pictures whose red says their class."""
    for i, suffix in enumerate((".png", ".png", ".webp", ".bmp")):
        mask = rng.integers(0, 3, (10, 14), dtype="uint8")
        pixels = np.stack([80 * mask, 0 * mask, 0 * mask], axis=-1)
        picture = tmp_path / "images" / f"part{i % 2}" / f"{i}{suffix}"
        truth = tmp_path / "masks" / f"part{i % 2}" / f"{i}.png"
        for path, array in ((picture, pixels), (truth, mask)):
            path.parent.mkdir(parents=True, exist_ok=True)
            options = {"lossless": True} if suffix == ".webp" else {}
            Image.fromarray(array).save(path, **options)
    return tmp_path


def test_masks_are_cropped_as_their_pictures(pairs):
    data = read_masked_folder(str(pairs), 10, 0, 0)
    assert data.images.shape == (4, 10, 10, 3)
    assert data.classes == ("class 0", "class 1", "class 2")
    np.testing.assert_array_equal(data.images[..., 0], 80 * data.masks)
    np.testing.assert_array_equal(
        read_masked_folder(str(pairs), 10, 2, 4).masks, data.masks[::2]
    )


def test_masks_are_resized_to_classes_that_were_there(rng):
    mask = rng.choice(np.array([1, 200], np.uint8), (30, 21))
    assert {*np.unique(fit_mask(mask, 8))} == {1, 200}


def test_masks_with_a_palette_hold_its_numbers(pairs):
    path = pairs / "masks/part0/0.png"
    mask = np.asarray(Image.open(path))
    picture = Image.fromarray(mask)
    picture.putpalette(list(range(255, 255 - 9, -1)))
    picture.save(path)
    data = read_masked_folder(str(pairs), 10, 0, 0)
    np.testing.assert_array_equal(data.masks[0], mask[:, 2:12])


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda mask: mask[:-1], "part1/1.png must have 14x10.*14x9"),
        (lambda mask: np.stack([mask] * 3, -1), "part1/1.png must.*mode RGB"),
        (lambda mask: 3 + 0 * mask, "part1/1.png must hold.*0 to 2.*: 3"),
        (None, "There is no mask .*part1/1.png"),
        (b"no picture", "part1/1.png cannot be read"),
    ],
)
def test_what_does_not_fit_is_named(pairs, change, message):
    path = pairs / "masks/part1/1.png"
    mask = np.asarray(Image.open(path))
    path.unlink()
    if isinstance(change, bytes):
        path.write_bytes(change)
    elif change:
        Image.fromarray(change(mask)).save(path)
    with pytest.raises(DataError, match=message):
        read_masked_folder(str(pairs), 10, 0, 3)


def test_grey_levels_and_black_and_white_are_no_classes(pairs):
    for path in (pairs / "masks").rglob("*.png"):
        Image.fromarray(100 * np.asarray(Image.open(path))).save(path)
    with pytest.raises(DataError, match=r"\[0, 100, 200\].*--classes"):
        read_masked_folder(str(pairs), 10, 0, 0)
    with pytest.raises(DataError, match=r"classes 0 and 1.*\[0, 255\]"):
        numbered(np.array([0, VOID]))
    with pytest.raises(DataError, match="subfolders images and masks"):
        read_masked_folder(str(pairs / "images"), 10, 0, 0)


def test_classes_counted_from_one_are_counted_from_zero():
    mask, classes = named(np.array([[1, 2], [3, 1]], np.uint8), None)
    assert mask.tolist() == [[0, 1], [2, 0]] and len(classes) == 3
    zero = np.array([[0, 1]], np.uint8)
    np.testing.assert_array_equal(named(zero, None)[0], zero)


@pytest.mark.parametrize("sizes", [(6, 8), (4, 6, 8)])
def test_pictures_and_masks_move_alike(rng, sizes):
    masks = rng.integers(0, 256, (12, *sizes), "uint8")
    joined = np.stack([masks, masks, masks, masks], axis=-1)
    moved = MaskedAugmentation(Augmentation(flip=True, crop=2), Augmentation())
    after = moved(joined, np.random.default_rng(1))
    np.testing.assert_array_equal(after[..., 0], after[..., 3])
    assert (after != joined).any(axis=tuple(range(1, after.ndim))).sum() > 9
    both = MaskedAugmentation(moved.shape, Augmentation(colour=0.5))
    again = both(joined, np.random.default_rng(1))
    np.testing.assert_array_equal(again[..., 3], after[..., 3])
    assert (again[..., 0] != after[..., 0]).any()


def test_volumes_move_along_every_axis(rng):
    volumes = rng.integers(0, 256, (20, 5, 5, 5, 1), "uint8")
    moved = Augmentation(crop=1)(volumes, np.random.default_rng(0))
    padded = np.pad(volumes, ((0, 0), *[(1, 1)] * 3, (0, 0)), "symmetric")
    starts = set()
    for before, after in zip(padded, moved):
        starts |= {
            (a, b, c)
            for a in range(3)
            for b in range(3)
            for c in range(3)
            if np.array_equal(before[a : a + 5, b : b + 5, c : c + 5], after)
        }
    assert [{*values} for values in zip(*starts)] == [{0, 1, 2}] * 3


def test_batches_hold_the_masks_of_their_pictures(rng):
    masks = np.arange(256, dtype="uint8").reshape(4, 8, 8)
    images = np.repeat(masks[..., None], 3, axis=-1)
    data = Masked(images, masks, ())
    served = [*masked_batches(data, 2, 0, 0, 2, PLAIN, skip=1)]
    assert len(served) == 3
    for pictures, truth in served:
        assert (pictures.dtype, truth.dtype) == ("float32", "int32")
        exact = np.asarray(truth)[..., None] / 127.5 - 1
        np.testing.assert_allclose(pictures[..., :1], exact, atol=1e-6)
    assert {*np.ravel([truth for _, truth in served])} == {*range(256)}
