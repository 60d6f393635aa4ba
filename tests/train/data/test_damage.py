import numpy as np
import pytest
from PIL import Image

from train.data import DataError, damage
from train.data.picture import BUNDLED, load_picture


def test_noise_has_its_strength_and_stays_in_range():
    grey = np.full((200, 200, 1), 0.5)
    noisy = damage.add_noise(grey, 25, seed=1)
    assert 255 * np.std(noisy - grey) == pytest.approx(25, rel=0.02)
    assert noisy.dtype == "float32"
    np.testing.assert_array_equal(noisy, damage.add_noise(grey, 25, seed=1))
    strong = damage.add_noise(grey, 400)
    assert strong.min() == 0 and strong.max() == 1


@pytest.mark.parametrize("missing", [0, 0.3, 1])
def test_share_of_missing_pixels_is_met(missing):
    mask = damage.missing_pixels(20, 30, missing, seed=2)
    assert mask.shape == (20, 30, 1)
    assert (mask == 0).sum() == 600 * missing


def test_missing_pixels_are_anywhere():
    masks = [damage.missing_pixels(8, 8, 0.5, seed) for seed in range(400)]
    np.testing.assert_allclose(np.mean(masks, 0), 0.5, atol=0.12)


def test_rectangles_are_whole_and_inside():
    for seed in range(50):
        mask = damage.missing_rectangles(12, 20, 5, seed=seed)[..., 0]
        rows, columns = np.nonzero(mask == 0)
        assert len(rows) == 25
        assert np.ptp(rows) == np.ptp(columns) == 4
        border = np.pad(np.zeros((10, 18)), 1, constant_values=1)
        assert (mask[border == 1] == 1).all()
    assert (damage.missing_rectangles(40, 40, 5, 3) == 0).sum() > 25


def test_a_rectangle_that_does_not_fit_is_refused():
    damage.missing_rectangles(12, 20, 10)
    for region in (0, 11):
        with pytest.raises(ValueError, match="`region` must be from 1 to.*10"):
            damage.missing_rectangles(12, 20, region)


def test_masks_from_files_are_black_where_missing(tmp_path):
    path = tmp_path / "mask.png"
    Image.fromarray(np.uint8([[0, 127, 128, 255]])).save(path)
    mask = damage.mask_from_file(str(path), 1, 4)
    np.testing.assert_array_equal(mask[..., 0], [[0, 0, 1, 1]])
    with pytest.raises(
        DataError, match="has 4x1 pixels, but the picture has 5x1"
    ):
        damage.mask_from_file(str(path), 1, 5)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_pictures_come_without_a_download(name, monkeypatch):
    monkeypatch.setattr("socket.socket", None)
    pixels = load_picture(name, 24)
    assert pixels.dtype == "uint8"
    assert pixels.shape in {(24, 24, 1), (24, 24, 3)}
    assert np.ptp(pixels) > 0


def test_pictures_are_cropped_to_a_multiple_about_their_centre(tmp_path):
    pixels = np.arange(9 * 11 * 3, dtype="uint8").reshape(9, 11, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    path = str(tmp_path / "a.png")
    np.testing.assert_array_equal(load_picture(path), pixels)
    cropped = load_picture(path, multiple=4)
    np.testing.assert_array_equal(cropped, pixels[:8, 1:9])
    with pytest.raises(DataError, match="11x9 pixels; at least 16 a side"):
        load_picture(path, multiple=16)


def test_what_is_no_picture_is_one_sentence(tmp_path):
    (tmp_path / "note.txt").write_text("none")
    for path in ("note.txt", "missing.png"):
        with pytest.raises(
            DataError, match=f"{path} (is not a picture|does not exist)"
        ):
            load_picture(str(tmp_path / path))
