import keras
import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample import PAD_MODES, PaddedConv1D, PaddedConv2D, PaddedConv3D

LAYERS = {1: PaddedConv1D, 2: PaddedConv2D, 3: PaddedConv3D}
SIZES = (6, 5, 4)


def check(layer, x):
    y = layer(x)
    expected = reference.padded_conv(
        x,
        layer.kernel.numpy(),
        layer.strides,
        layer.pad_mode,
        layer.dilation_rate,
    )
    assert layer.compute_output_shape(x.shape) == y.shape
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("strides", [1, 2, 3, 4])
def test_every_size_has_its_share_of_pixels(rng, strides):
    for kernel_size in (1, 2, 3, 4, 7):
        layer = PaddedConv1D(2, kernel_size, strides, "reflect")
        for size in (1, 2, 3, 4, 5, 12):
            x = rng.normal(size=(1, size, 3)).astype("float32")
            assert layer(x).shape == (1, int(np.ceil(size / strides)), 2)
            check(layer, x)


@pytest.mark.parametrize("rank", LAYERS)
def test_layer_follows_its_definition(rng, rank):
    x = rng.normal(size=(2, *SIZES[:rank], 3)).astype("float32")
    geometries = [(3, 2, 1), (4, 1, 2), (2, 1, 3), (5, 3, 1), (1, 2, 1)]
    for pad_mode in PAD_MODES:
        for kernel_size, strides, dilation in geometries:
            check(LAYERS[rank](2, kernel_size, strides, pad_mode, dilation), x)


@pytest.mark.parametrize("rank", LAYERS)
def test_groups_are_layers_side_by_side(rng, rank):
    x = rng.normal(size=(2, *SIZES[:rank], 4)).astype("float32")
    layer = LAYERS[rank](6, 3, 2, "reflect", groups=2)
    y = layer(x)
    assert layer.kernel.shape == (*(3,) * rank, 2, 6)
    halves = []
    for i in range(2):
        half = LAYERS[rank](3, 3, 2, "reflect")
        half.build((*x.shape[:-1], 2))
        half.set_weights([w[..., 3 * i : 3 * i + 3] for w in layer.weights])
        halves.append(half(x[..., 2 * i : 2 * i + 2]))
    np.testing.assert_allclose(y, np.concatenate(halves, -1), atol=1e-5)


def test_each_axis_has_its_own_arguments(rng):
    x = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    check(PaddedConv2D(2, (5, 2), (1, 3), ("edge", "circular")), x)
    check(PaddedConv2D(2, (2, 3), 1, ("edge", "constant"), (1, 2)), x)


@pytest.mark.parametrize("strides, dilation", [(1, 1), (2, 1), (3, 1), (1, 2)])
def test_zeros_are_the_same_padding_of_keras(rng, strides, dilation):
    """Where the size is a multiple of the stride; else that of Keras moves."""
    x = rng.normal(size=(2, 12, 6, 4)).astype("float32")
    for kernel_size, groups in ((1, 1), (2, 1), (3, 2), (4, 1), (7, 1)):
        ours = PaddedConv2D(
            2, kernel_size, strides, "constant", dilation, groups
        )
        keras_layer = keras.layers.Conv2D(
            2,
            kernel_size,
            strides,
            "same",
            dilation_rate=dilation,
            groups=groups,
        )
        keras_layer.build(x.shape)
        ours.build(x.shape)
        ours.set_weights(keras_layer.get_weights())
        np.testing.assert_allclose(ours(x), keras_layer(x), atol=1e-5)


@pytest.mark.parametrize("kernel_size, strides", [(3, 1), (4, 2), (5, 3)])
def test_mirrored_image_gives_the_mirrored_result(rng, kernel_size, strides):
    """The kernel is centred, so left and right are treated alike."""
    x = rng.normal(size=(1, 6, 3)).astype("float32")
    layer = PaddedConv1D(2, kernel_size, strides, use_bias=False)
    y = layer(x)
    layer.kernel.assign(layer.kernel.numpy()[::-1])
    np.testing.assert_allclose(layer(x[:, ::-1])[:, ::-1], y, atol=1e-5)


@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_only_zeros_draw_a_border(pad_mode):
    for strides, dilation in [(1, 1), (2, 1), (1, 3)]:
        layer = PaddedConv2D(4, 4, strides, pad_mode, dilation)
        y = layer(np.ones((1, 9, 8, 3), "float32")).numpy()
        flat = np.ptp(y, axis=(1, 2)).max() < 1e-5
        assert flat == (pad_mode != "constant")


def test_gradients_are_those_of_finite_differences(rng):
    """Dilated in three dimensions, which not every stock op can."""
    layer = PaddedConv3D(1, 2, dilation_rate=2, use_bias=False)
    x = tf.constant(rng.normal(size=(1, 4, 4, 4, 1)), "float32")
    direction = tf.constant(rng.normal(size=x.shape), "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(layer(x) ** 2)
    slope = tf.reduce_sum(tape.gradient(loss, x) * direction)
    ahead, behind = (
        tf.reduce_sum(layer(x + step * direction) ** 2)
        for step in (1e-2, -1e-2)
    )
    np.testing.assert_allclose(slope, (ahead - behind) / 2e-2, rtol=1e-3)


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"strides": 0}, "`strides` must be an integer of at least 1"),
        ({"dilation_rate": (1, 1, 1)}, "`dilation_rate` must be one value or"),
        ({"pad_mode": "same"}, "`pad_mode` must be one of"),
        (
            {"strides": (1, 2), "dilation_rate": (2, 1)},
            "`strides` and `dilation_rate` .*strides=.1, 2., dilation_rate=",
        ),
        ({"groups": 3}, "`groups` must divide `filters`.*filters=8"),
    ],
)
def test_wrong_arguments_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        PaddedConv2D(**{"filters": 8, "kernel_size": 3} | bad)


def test_groups_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(ValueError, match="`groups` must divide the channels"):
        PaddedConv2D(8, 3, groups=4).build((1, 4, 4, 6))
