import keras
import numpy as np
import pytest
import reference

from tfupsample import ICNR, PAD_MODES, Balanced, SubpixelConv2D


@pytest.fixture
def x(rng):
    return rng.normal(size=(2, 5, 4, 3)).astype("float32")


@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_layer_follows_its_definition(x, pad_mode):
    """Any rank and size: `test_properties.py`."""
    for scale, kernel_size in [
        (1, 3),
        (2, 1),
        (3, 2),
        (2, 3),
        ((2, 3), (4, 5)),
    ]:
        layer = SubpixelConv2D(
            2, kernel_size, scale, pad_mode, icnr=False, use_bias=False
        )
        y = layer(x)
        expected = reference.subpixel_conv(
            x, layer.kernel.numpy(), layer.scale, layer.pad_mode
        )
        assert layer.compute_output_shape(x.shape) == y.shape
        np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("scale", [2, 3, (2, 3)])
def test_starts_as_convolution_and_nearest_resize(x, scale):
    """ICNR with several filters: no difference inside a cell.

    But for roundings: a processor's convolution may add the taps of different
    channels in different orders.
    """
    layer = SubpixelConv2D(4, 3, scale, kernel_initializer="he_normal")
    y = layer(x).numpy()
    rows, columns = layer.scale
    corners = y[:, ::rows, ::columns]
    nearest = corners.repeat(rows, axis=1).repeat(columns, axis=2)
    np.testing.assert_allclose(y, nearest, atol=1e-6 * np.abs(y).max())
    assert np.ptp(corners, axis=-1).min() > 1e-4  # the filters do differ


def test_without_icnr_it_starts_with_a_checkerboard(x):
    layer = SubpixelConv2D(4, 3, kernel_initializer="he_normal", icnr=False)
    assert type(layer.kernel_initializer) is keras.initializers.HeNormal
    y = layer(np.ones_like(x)).numpy()
    assert np.ptp(y, axis=(1, 2)).min() > 1e-2


@pytest.mark.parametrize("given", [ICNR("ones"), Balanced(transposed=False)])
def test_what_starts_equal_is_not_wrapped_again(given):
    layer = SubpixelConv2D(4, 3, kernel_initializer=given)
    assert layer.kernel_initializer is given
    twin = SubpixelConv2D.from_config(layer.get_config())
    assert type(twin.kernel_initializer) is type(given)
    assert twin.get_config() == layer.get_config()


def test_files_from_before_icnr_keep_their_initializer():
    icnr = keras.initializers.serialize(ICNR())
    for stored, kind in (
        ("glorot_uniform", keras.initializers.GlorotUniform),
        (icnr, ICNR),
    ):
        config = SubpixelConv2D(4, 3).get_config()
        del config["icnr"], config["activity_regularizer"]
        config["kernel_initializer"] = stored
        layer = SubpixelConv2D.from_config(config)
        assert type(layer.kernel_initializer) is kind


def test_no_phase_has_its_own_bias():
    layer = SubpixelConv2D(2, 3, 3)
    layer.build((None, 4, 4, 5))
    assert layer.bias.shape == (2,)


def test_icnr_repeats_the_initializer_for_each_phase():
    kernel = np.asarray(ICNR("glorot_uniform", (2, 3))((3, 3, 4, 5 * 6)))
    phases = kernel.reshape(3, 3, 4, 6, 5)
    np.testing.assert_array_equal(phases, phases[..., :1, :].repeat(6, axis=3))
    assert phases.std() > 0


@pytest.mark.parametrize(
    "layer_class, sizes, kernel_size, scale",
    [
        (keras.layers.Conv1DTranspose, (9,), (6,), (3,)),
        (keras.layers.Conv2DTranspose, (6, 7), (4, 6), (2, 3)),
        (keras.layers.Conv3DTranspose, (5, 6, 5), (4, 2, 4), (2, 2, 2)),
    ],
)
def test_transposed_convolution_starts_as_nearest_resize(
    rng, layer_class, sizes, kernel_size, scale
):
    """In the interior, where `"same"` padding puts it."""
    x = rng.normal(size=(1, *sizes, 2)).astype("float32")
    layer = layer_class(
        3,
        kernel_size,
        scale,
        "same",
        kernel_initializer=ICNR(scale=scale, transposed=True),
    )
    y = layer(x).numpy()
    for axis, (k, s) in enumerate(zip(kernel_size, scale), start=1):
        y = np.moveaxis(y, axis, 0)
        y = y[s - (k - s) // 2 % s :]  # from the first whole cell
        y = y[: len(y) // s * s]
        inside = y.reshape(-1, s, *y.shape[1:])[1:-1]
        np.testing.assert_allclose(
            inside, inside[:, :1].repeat(s, 1), atol=1e-6
        )
        assert np.ptp(inside, axis=0).min() > 0
        y = np.moveaxis(y, 0, axis)


def test_transposed_icnr_is_the_nearest_resize_of_a_convolution(rng):
    x = rng.normal(size=(1, 6, 2)).astype("float32")
    icnr = ICNR("glorot_uniform", 3, transposed=True)
    layer = keras.layers.Conv1DTranspose(
        4, 6, 3, "valid", kernel_initializer=icnr
    )
    y = layer(x)
    base = layer.kernel.numpy()[::3][::-1].swapaxes(1, 2)
    convolved = reference.convolve(np.pad(x, [(0, 0), (1, 1), (0, 0)]), base)
    np.testing.assert_allclose(y, convolved.repeat(3, axis=1), atol=1e-6)


def test_icnr_survives_its_config():
    initializer = ICNR("he_normal", (2, 3), transposed=True)
    clone = ICNR.from_config(initializer.get_config())
    assert clone.get_config() == initializer.get_config()
    assert clone((4, 3, 5, 2)).shape == (4, 3, 5, 2)


def test_icnr_names_what_it_cannot_do():
    with pytest.raises(ValueError, match="multiple of 4 output channels"):
        ICNR(scale=2)((3, 3, 2, 6))
    with pytest.raises(ValueError, match="size that is a multiple of it"):
        ICNR(scale=2, transposed=True)((4, 3, 2, 8))
    with pytest.raises(ValueError, match="`scale` must be an integer"):
        ICNR(scale=0)


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"filters": -1}, "`filters` must be an integer of at least 1"),
        ({"scale": 1.5}, "`scale` must be an integer"),
        ({"pad_mode": "same"}, "`pad_mode` must be one of"),
    ],
)
def test_wrong_arguments_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        SubpixelConv2D(**{"filters": 8} | bad)
