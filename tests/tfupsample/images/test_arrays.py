import numpy as np

from tfupsample.images import arrays


def test_grid_puts_images_in_reading_order():
    images = np.arange(5 * 2 * 3).reshape(5, 2, 3, 1)
    grid = arrays.grid(images)
    assert grid.shape == (4, 9, 1)
    np.testing.assert_array_equal(grid[:2, 3:6], images[1])
    np.testing.assert_array_equal(grid[2:, :3], images[3])
    assert not grid[2:, 6:].any()  # the place of the missing sixth


def test_to_uint8_covers_the_range():
    values = arrays.to_uint8([-2, -1, 0, 1, 2])
    assert values.dtype == "uint8"
    np.testing.assert_array_equal(values, [0, 0, 128, 255, 255])


def test_picture_keeps_pixels(rng):
    array = rng.integers(0, 255, size=(4, 5, 3), dtype="uint8")
    image = arrays.picture(array, zoom=2)
    assert image.size == (10, 8)
    np.testing.assert_array_equal(np.asarray(image)[::2, ::2], array)
    assert arrays.picture(array[..., :1]).mode == "L"
