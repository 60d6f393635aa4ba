import itertools

import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample import PAD_MODES, FilteredConvTranspose2D


@pytest.fixture
def x(rng):
    return rng.normal(size=(2, 5, 4, 3)).astype("float32")


def check(layer, x):
    y = layer(x)
    expected = reference.filtered_conv_transpose(
        x, layer.kernel.numpy(), layer.scale, layer.pad_mode
    )
    assert layer.compute_output_shape(x.shape) == y.shape
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("scale", [1, 2, 3, 4, (2, 3)])
def test_layer_follows_its_definition(x, scale):
    """Every way in which kernel, scale and filter can overlap."""
    modes = itertools.cycle(PAD_MODES)
    for kernel_size in (1, 2, 3, 4, 5, (2, 6)):
        pad_mode = next(modes)
        check(
            FilteredConvTranspose2D(
                2, kernel_size, scale, pad_mode, use_bias=False
            ),
            x,
        )


@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_every_pad_mode_follows_its_definition(x, pad_mode):
    for kernel_size, scale in ((3, 2), (4, 3), ((2, 6), (2, 3))):
        check(
            FilteredConvTranspose2D(
                2, kernel_size, scale, pad_mode, use_bias=False
            ),
            x,
        )


def test_it_is_the_stock_transposed_convolution_and_a_filter(x):
    """Away from the border, by TensorFlow alone: scale 2, 3×3."""
    layer = FilteredConvTranspose2D(2, 3, use_bias=False)
    y = layer(x).numpy()
    spread = tf.nn.conv2d_transpose(
        x,
        layer.kernel.numpy().swapaxes(2, 3),
        (2, 11, 9, 2),
        2,
        "VALID",
    )
    taps = np.array([1, 3, 3, 1]) / 4
    fir = np.multiply.outer(taps, taps)[:, :, None, None].astype("float32")
    fir = fir.repeat(2, axis=2)
    expected = tf.nn.depthwise_conv2d(spread, fir, [1] * 4, "VALID")
    np.testing.assert_allclose(
        y[:, 2:-2, 2:-2], expected[:, 1:-1, 1:-1], atol=1e-5
    )


@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_only_zeros_draw_a_border(pad_mode):
    """Also where the kernel overlaps unevenly or leaves gaps."""
    for scale, kernel_size in ((2, 2), (2, 3), (3, 4), (4, 3)):
        layer = FilteredConvTranspose2D(4, kernel_size, scale, pad_mode)
        y = layer(np.ones((1, 8, 7, 3), "float32")).numpy()
        flat = np.ptp(y, axis=(1, 2)).max() < 1e-5
        assert flat == (pad_mode != "constant")
        inside = y[:, 2 * scale : -2 * scale, 2 * scale : -2 * scale]
        assert np.ptp(inside, axis=(1, 2)).max() < 1e-5


def test_bias_and_activation_follow_the_filter():
    layer = FilteredConvTranspose2D(
        2, 3, activation="relu", bias_initializer="ones"
    )
    x = np.zeros((1, 4, 4, 3), "float32")
    np.testing.assert_array_equal(layer(x), np.ones((1, 8, 8, 2)))
    layer.bias.assign([-1.0, 2.0])
    assert layer(x).numpy()[0, 0, 0].tolist() == [0, 2]


def test_channels_first_is_channels_last_moved(x):
    last = FilteredConvTranspose2D(6, 3, 3, data_format="channels_last")
    first = FilteredConvTranspose2D(6, 3, 3, data_format="channels_first")
    y = last(x).numpy()
    first.build((2, 3, 5, 4))
    first.set_weights(last.get_weights())
    moved = first(x.transpose(0, 3, 1, 2)).numpy()
    assert first.compute_output_shape((2, 3, 5, 4)) == moved.shape
    np.testing.assert_array_equal(moved.transpose(0, 2, 3, 1), y)


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"filters": 0}, "`filters` must be an integer of at least 1"),
        ({"scale": 1.5}, "`scale` must be an integer"),
        ({"kernel_size": (3, 3, 3)}, "`kernel_size` must be one value or 2"),
        ({"pad_mode": "same"}, "`pad_mode` must be one of"),
    ],
)
def test_wrong_arguments_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        FilteredConvTranspose2D(**{"filters": 8} | bad)
