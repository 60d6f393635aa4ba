"""Bicubic resizing against Pillow's, which was written by others."""

import numpy as np
import pytest
from PIL import Image

from train.data.degrade import cropped, imresize, low_resolution


def pillow(image, height, width, margin):
    """Pillow forgets what lies beyond the border, so it is given a mirror."""
    rows, columns = (
        margin * n // m for n, m in zip(image.shape, (height, width))
    )
    wide = np.pad(image, ((rows, rows), (columns, columns)), "symmetric")
    size = (width + 2 * margin, height + 2 * margin)
    large = Image.fromarray(wide.astype("float32")).resize(
        size, Image.Resampling.BICUBIC
    )
    return np.asarray(large)[margin:-margin, margin:-margin]


@pytest.mark.parametrize(
    "height, width", [(24, 36), (12, 18), (8, 9), (6, 12), (48, 108), (24, 9)]
)
def test_imresize_is_antialiased_keys_on_a_mirror(rng, height, width):
    image = rng.uniform(0, 255, size=(24, 36))
    made = imresize(image[..., None], height, width)[..., 0]
    # A margin of a multiple of all factors, so that the grids agree.
    np.testing.assert_allclose(
        made, pillow(image, height, width, 24), atol=1e-3
    )


def test_low_resolution_of_8_bits_has_8_bits(rng):
    image = rng.integers(0, 256, size=(12, 18, 3), dtype="uint8")
    low = low_resolution(image, 3)
    assert low.dtype == np.uint8
    exact = low_resolution(image.astype(float), 3)
    assert np.abs(low - np.clip(exact, 0, 255)).max() <= 0.5
    assert exact.dtype == np.float64


def test_cropped_keeps_the_upper_left():
    image = np.arange(35).reshape(5, 7, 1)
    np.testing.assert_array_equal(cropped(image, 3), image[:3, :6])
