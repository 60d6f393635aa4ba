import numpy as np
import pytest
import reference

from tfupsample import PAD_MODES, Pad1D, Pad2D, Pad3D

LAYERS = {1: Pad1D, 2: Pad2D, 3: Pad3D}
SIZES = (3, 4, 2)


@pytest.mark.parametrize("rank", LAYERS)
@pytest.mark.parametrize(
    "padding, widths",
    [
        (0, [(0, 0)] * 3),
        (5, [(5, 5)] * 3),
        ([1, 0, 2], [(1, 1), (0, 0), (2, 2)]),
        (((1, 2), 3, [0, 1]), [(1, 2), (3, 3), (0, 1)]),
    ],
)
def test_layer_pads_as_numpy(rng, rank, padding, widths):
    x = rng.normal(size=(2, *SIZES[:rank], 3)).astype("float32")
    if not isinstance(padding, int):
        padding = padding[:rank]
    for pad_mode in PAD_MODES:
        layer = LAYERS[rank](padding, pad_mode)
        expected = np.pad(
            x,
            [(0, 0), *widths[:rank], (0, 0)],
            reference.NUMPY_PAD_MODES[pad_mode],
        )
        assert layer.compute_output_shape(x.shape) == expected.shape
        np.testing.assert_array_equal(layer(x), expected)


def test_each_axis_has_its_own_mode(rng):
    x = rng.normal(size=(1, 4, 5, 2)).astype("float32")
    expected = np.pad(x, [(0, 0), (2, 2), (0, 0), (0, 0)], "wrap")
    expected = np.pad(expected, [(0, 0), (0, 0), (2, 2), (0, 0)], "edge")
    y = Pad2D(2, ("circular", "edge"))(x)
    np.testing.assert_array_equal(y, expected)


def test_one_axis_takes_its_pair_alone():
    """As `keras.layers.ZeroPadding1D`."""
    assert Pad1D((1, 2)).padding == Pad1D([(1, 2)]).padding == ((1, 2),)


def test_channels_first_is_channels_last_moved(rng):
    x = rng.normal(size=(1, 4, 5, 2)).astype("float32")
    layer = Pad2D((1, (0, 2)), "reflect", data_format="channels_first")
    y = layer(x.transpose(0, 3, 1, 2)).numpy()
    assert layer.compute_output_shape((1, 2, 4, None)) == (1, 2, 6, None)
    last = Pad2D((1, (0, 2)), "reflect")(x)
    np.testing.assert_array_equal(y.transpose(0, 2, 3, 1), last)


@pytest.mark.parametrize(
    "padding", [-1, 1.5, "1", None, (1, 2, 3), (1, (2, 3, 4)), ((1, -2), 0), ()]
)
def test_wrong_widths_are_named(padding):
    with pytest.raises(ValueError, match="`padding` must be .* Received: "):
        Pad2D(padding)


def test_wrong_modes_and_formats_are_named():
    with pytest.raises(ValueError, match="`pad_mode` must be one of"):
        Pad2D(1, "wrap")
    with pytest.raises(ValueError, match="`data_format` must be one of"):
        Pad2D(1, data_format="NHWC")
    with pytest.raises(ValueError, match="expected ndim=4"):
        Pad2D(1)(np.zeros((4, 4, 3), "float32"))
