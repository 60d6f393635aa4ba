import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample.ops.padding import PAD_MODES, pad


@pytest.mark.parametrize("mode", PAD_MODES)
@pytest.mark.parametrize("widths", [(0, 1), (2, 0), (1, 3), (13, 9)])
@pytest.mark.parametrize("known", [True, False])
def test_pad_is_that_of_numpy(rng, mode, widths, known):
    """Borders wider than the image included, of known and unknown size."""
    x = rng.normal(size=(2, 5, 4, 3)).astype("float32")
    widths = (widths, widths[::-1])
    shape = x.shape if known else (None, None, None, 3)
    padded = tf.function(
        lambda x: pad(x, widths, (mode, mode)),
        input_signature=[tf.TensorSpec(shape)],
    )
    expected = np.pad(
        x, [(0, 0), *widths, (0, 0)], reference.NUMPY_PAD_MODES[mode]
    )
    np.testing.assert_array_equal(padded(x), expected)
    np.testing.assert_array_equal(pad(x, widths, (mode, mode)), expected)


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
