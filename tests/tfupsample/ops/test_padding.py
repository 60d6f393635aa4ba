import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample.arguments import PAD_MODES
from tfupsample.ops.padding import pad


@pytest.mark.parametrize("mode", PAD_MODES)
def test_pad_is_that_of_numpy(rng, mode):
    """Borders wider than the image included, of known and unknown size."""
    x = rng.normal(size=(2, 5, 4, 3)).astype("float32")
    borders = [((0, 1), (1, 0)), ((2, 0), (1, 3)), ((13, 9), (9, 13))]

    def padded(x):
        return [pad(x, widths, (mode, mode)) for widths in borders]

    unknown = tf.function(
        padded, input_signature=[tf.TensorSpec((None, None, None, 3))]
    )
    for actual in (padded(x), tf.function(padded)(x), unknown(x)):
        for widths, y in zip(borders, actual):
            expected = np.pad(
                x, [(0, 0), *widths, (0, 0)], reference.NUMPY_PAD_MODES[mode]
            )
            np.testing.assert_array_equal(y, expected)


def test_each_axis_has_its_mode(rng):
    x = rng.normal(size=(1, 4, 5, 2)).astype("float32")
    padded = pad(x, ((2, 2), (1, 1)), ("edge", "circular"))
    expected = np.pad(x, [(0, 0), (2, 2), (0, 0), (0, 0)], "edge")
    expected = np.pad(expected, [(0, 0), (0, 0), (1, 1), (0, 0)], "wrap")
    np.testing.assert_array_equal(padded, expected)


@pytest.mark.parametrize("mode", PAD_MODES)
def test_a_single_pixel_can_be_padded(mode):
    x = np.full((1, 1, 1, 1), 3.0, "float32")
    widths = ((1, 2), (2, 1))
    expected = np.pad(
        x, [(0, 0), *widths, (0, 0)], reference.NUMPY_PAD_MODES[mode]
    )
    np.testing.assert_array_equal(pad(x, widths, (mode, mode)), expected)
