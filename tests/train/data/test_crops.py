"""Random crops in two resolutions."""

import numpy as np
import pytest
from PIL import Image

from train.data import DataError, crops, photographs
from train.data.degrade import low_resolution
from train.data.pairs import make_pairs


@pytest.fixture
def pairs(rng):
    """Two smooth pictures, whose low resolution tells places apart."""
    rows, columns = np.mgrid[:60, :48]
    ramps = np.stack([4 * rows, 5 * columns, rows + columns], axis=-1)
    pictures = [ramps.astype("uint8"), 255 - ramps.astype("uint8")]
    return make_pairs(pictures, scale=2, size=8)


def test_both_resolutions_show_the_same_place(pairs, rng):
    for _ in range(20):
        low, high = crops.random_crop(pairs, 8, True, rng)
        assert low.shape == (8, 8, 3) and high.shape == (16, 16, 3)
        again = low_resolution(high, 2)[2:-2, 2:-2]
        assert np.abs(again.astype(int) - low[2:-2, 2:-2]).max() <= 1


def test_all_symmetries_are_drawn(pairs, rng):
    image = np.arange(4).reshape(2, 2, 1)
    assert len({crops.turned(image, i).tobytes() for i in range(8)}) == 8
    np.testing.assert_array_equal(crops.turned(image, 0), image)
    for _ in range(20):
        _, high = crops.random_crop(pairs[:1], 8, False, rng)
        assert (np.diff(high[..., 0].astype(int), axis=0) > 0).all()


def numbers(pairs, first, last, seed=3, skip=0):
    served = crops.crop_batches(pairs, 8, 4, 3, seed, first, last, skip=skip)
    return list(served.as_numpy_iterator())


def test_batches_depend_on_seed_and_number_alone(pairs):
    whole = numbers(pairs, 0, 3)
    assert len(whole) == 9
    for done, resumed in (
        (3, numbers(pairs, 1, 3)),
        (5, numbers(pairs, 1, 3, skip=2)),
    ):
        for one, two in zip(whole[done:], resumed, strict=True):
            np.testing.assert_array_equal(one[0], two[0])
            np.testing.assert_array_equal(one[1], two[1])
    low, high = whole[0]
    assert low.shape == (4, 8, 8, 3) and high.shape == (4, 16, 16, 3)
    assert -1 <= min(low.min(), high.min()) and high.max() <= 1
    assert np.abs(whole[1][0] - low).max() > 0
    assert np.abs(numbers(pairs, 0, 1, seed=4)[0][0] - low).max() > 0


def test_pictures_keep_their_size_and_bad_ones_are_left_out(rng, tmp_path):
    for name, size in (("a.png", (20, 30, 3)), ("c.png", (25, 18))):
        pixels = rng.integers(0, 256, size=size, dtype="uint8")
        Image.fromarray(pixels).save(tmp_path / name)
    (tmp_path / "b.png").write_bytes(b"nothing")
    pictures = photographs.read_pictures(str(tmp_path))
    assert [p.shape for p in pictures] == [(20, 30, 3), (25, 18, 3)]
    assert len(make_pairs(pictures, 2, 10)) == 1
    with pytest.raises(DataError, match="22 pixels a side"):
        make_pairs(pictures, 2, 11)
