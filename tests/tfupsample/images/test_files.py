"""The one reader and writer of picture files."""

import os

import numpy as np
import pytest
from deep_png import write_png
from PIL import Image

from tfupsample.errors import UnusableInput
from tfupsample.images import files


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_sixteen_bits_are_scaled(tmp_path, rng, shape):
    pixels = rng.integers(0, 2**16, shape, "uint16")
    path = write_png(tmp_path / "a.png", pixels)
    expected = np.reshape(pixels, (5, 7, -1)) / 65535 * 2 - 1
    step = 2 / 255 if len(shape) == 3 else 1e-6  # Pillow reduces colour
    assert np.abs(files.read(path).colours - expected).max() < step
    eight = np.reshape(files.open_image(path), (5, 7, -1))
    assert np.abs(eight / 127.5 - 1 - expected).max() < 2 / 255


def test_every_mode_becomes_colour(tmp_path):
    red = Image.new("RGB", (4, 3), (255, 0, 0))
    red.convert("P").save(tmp_path / "palette.png")
    red.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100)
    red.save(tmp_path / "plain.bmp")
    red.convert("RGBA").save(tmp_path / "alpha.webp", lossless=True)
    for path in files.list_pictures(tmp_path):
        colours = files.read(path).colours
        assert colours.shape == (3, 4, 3)
        assert np.abs(colours - [1, -1, -1]).max() < 0.05, path
        assert files.open_image(path).mode == "RGB"


def test_alpha_is_kept_apart_or_shown_on_white(tmp_path):
    pixels = np.zeros((1, 3, 4), "uint8")
    pixels[0, :, 3] = 0, 51, 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    picture = files.read(tmp_path / "a.png")
    assert (picture.colours == -1).all()
    np.testing.assert_array_equal(picture.alpha, pixels[..., 3])
    shown = (picture.on_white() + 1) * 127.5
    np.testing.assert_allclose(shown[0, :, 0], [255, 204, 0], atol=1e-4)
    np.testing.assert_allclose(files.open_image(tmp_path / "a.png"), shown)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(tmp_path, rng, orientation):
    pixels = rng.integers(0, 256, (3, 5), "uint8")
    turned = pixels.T if orientation > 4 else pixels
    stored = {
        1: turned,
        2: turned[:, ::-1],
        3: turned[::-1, ::-1],
        4: turned[::-1],
        5: turned,
        6: turned[::-1],
        7: turned[::-1, ::-1],
        8: turned[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    upright = files.open_image(tmp_path / "a.png")
    np.testing.assert_array_equal(upright, pixels)


def test_only_regular_visible_pictures_are_listed(tmp_path):
    for name in ("b.PNG", "a/z.jpeg", "._b.png", ".partial-x/c.png", "d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "link.png").symlink_to("b.PNG")
    found = [p.relative_to(tmp_path) for p in files.list_pictures(tmp_path)]
    assert list(map(str, found)) == ["a/z.jpeg", "b.PNG", "link.png"]


def test_files_that_cannot_be_read_are_refused(tmp_path, rng):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "text.png").write_text("no picture")
    noise = rng.integers(0, 256, (64, 64, 3), "uint8")
    Image.fromarray(noise).save(tmp_path / "cut.png")
    whole = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    for name, message in {
        "missing.png": "does not exist",
        "pipe.png": "is not a regular file",
        "text.png": "is not a picture",
        "cut.png": "cannot be read: ",
    }.items():
        for read in (files.read, files.open_image):
            with pytest.raises(UnusableInput, match=f"{name} {message}"):
                read(tmp_path / name)


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_what_is_written_is_read_again(tmp_path, suffix):
    colours = np.full((20, 24, 3), -0.2, "float32")
    alpha = np.full((20, 24), 255, "uint8")
    alpha[:, 12:] = 0
    path = tmp_path / f"a{suffix}"
    files.write(path, files.Picture(colours, alpha))
    found = files.read(path)
    assert (found.alpha is not None) == (suffix in (".png", ".webp"))
    shown = found.on_white()
    assert np.abs(shown[:, :8] + 0.2).max() < 0.05
    assert np.abs(shown[:, 16:] - 1).max() < 0.05
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_place_is_an_error(tmp_path):
    picture = files.Picture(np.zeros((2, 2, 3)), None)
    with pytest.raises(UnusableInput, match="no/a.png cannot be written"):
        files.write(tmp_path / "no" / "a.png", picture)
    with pytest.raises(UnusableInput, match="must end in .png, .jpg"):
        files.write(tmp_path / "a.gif", picture)
    assert not list(tmp_path.iterdir())
