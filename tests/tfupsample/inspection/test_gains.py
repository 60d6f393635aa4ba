import keras
import numpy as np
import pytest

from tfupsample import (
    AliasFreeConv2D,
    ContentAwareConv2D,
    EqualPhaseGain,
    FilteredConvTranspose2D,
    ResizeConv1D,
    ResizeConv2D,
    SubpixelConv2D,
)
from tfupsample.inspection.gains import (
    gradient_gains,
    imbalance,
    imbalance_per_channel,
    upsampling_gains,
)
from tfupsample.measures.gradient import mean_gradient
from tfupsample.ops.autodiff import input_gradient
from tfupsample.ops.phase_form import depth_to_space


def built(layer, channels=3, rank=2):
    if not layer.built:
        layer.build((None, *(8,) * rank, channels))
    layer.kernel.assign(keras.random.normal(layer.kernel.shape, seed=1))
    return layer


UPSAMPLING = [
    (keras.layers.Conv2DTranspose(4, 5, 2, "valid"), 2),
    (keras.layers.Conv2DTranspose(4, 3, 3, "valid"), 3),
    (SubpixelConv2D(4, 3, 2), 2),
    (ResizeConv2D(4, 3, 2), 2),
    (ResizeConv2D(4, 5, 3, interpolation="bilinear"), 3),
    (FilteredConvTranspose2D(4, 3, 2), 2),
    (AliasFreeConv2D(4, 3, 2, half_width=0.5), 2),
    (ContentAwareConv2D(4, 3, 2), 2),
    (ContentAwareConv2D(4, 3, 3, "dysample"), 3),
]


def tile_of_flat(function, scale, channels):
    """One cell of the interior, for each input channel: `(P, out, in)`."""
    cells = []
    for channel in range(channels):
        x = np.zeros((1, 9, 9, channels), "float32")
        x[..., channel] = 1
        y = np.asarray(function(x))
        middle = slice(4 * scale, 5 * scale)
        cells.append(y[0, middle, middle].reshape(scale**2, -1))
    return np.stack(cells, axis=-1)


@pytest.mark.parametrize("layer, scale", UPSAMPLING)
def test_gains_are_what_flat_channels_become(layer, scale):
    found = upsampling_gains(built(layer), None)
    expected = tile_of_flat(layer, scale, 3)
    assert found.shape == (scale**2, 4, 3)
    np.testing.assert_allclose(
        np.sort(found, axis=0), np.sort(expected, axis=0), atol=1e-4
    )


@pytest.mark.parametrize("layer, scale", UPSAMPLING[3:])
def test_resizing_is_balanced_for_any_kernel(layer, scale):
    assert imbalance(upsampling_gains(built(layer))) == 0
    assert (imbalance_per_channel(upsampling_gains(layer)) == 0).all()


def test_resizing_in_one_axis_is_balanced():
    layer = built(ResizeConv1D(2, 3), rank=1)
    assert upsampling_gains(layer).shape == (2, 2, 3)
    assert imbalance(upsampling_gains(layer)) == 0


def test_balancing_brings_the_imbalance_to_zero():
    layer = built(keras.layers.Conv2DTranspose(4, 5, 2))
    assert imbalance(upsampling_gains(layer)) > 0.5
    layer.kernel.assign(EqualPhaseGain(2)(layer.kernel))
    assert imbalance(upsampling_gains(layer)) < 1e-6


def test_a_convolution_before_depth_to_space_has_a_bias_for_each_phase():
    layer = built(keras.layers.Conv2D(16, 3, padding="valid"))
    gains = upsampling_gains(layer, block_size=2)
    expected = tile_of_flat(lambda x: depth_to_space(layer(x), (2, 2)), 2, 3)
    # The output is two pixels smaller, so the cell is another one.
    np.testing.assert_allclose(gains[..., :3], expected, atol=1e-4)
    layer.kernel.assign(0 * layer.kernel)
    assert imbalance(upsampling_gains(layer, 2)) == 0
    layer.bias.assign(np.arange(16))
    assert imbalance(upsampling_gains(layer, 2)) > 0.1


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2D(6, 3, 2),
        keras.layers.Conv2D(6, 4, 2, groups=3),
        keras.layers.DepthwiseConv2D(5, 2, depth_multiplier=2),
        keras.layers.Conv2D(6, 1, 2),
    ],
)
def test_gradient_gains_are_the_gradient_at_one_flat_output(layer):
    """Summed over the outputs, each input channel and phase by itself."""
    layer = built(layer, channels=6)
    sums = gradient_gains(layer).sum(axis=-1)
    gradient = input_gradient(
        lambda x: keras.ops.sum(layer(x)), np.zeros((1, 21, 21, 6), "float32")
    )
    cell = np.asarray(gradient)[0, 10:12, 10:12].reshape(4, 6)
    np.testing.assert_allclose(
        np.sort(sums, axis=0), np.sort(cell, axis=0), atol=1e-4
    )


def test_gradient_is_a_pattern_only_if_the_gains_are_unequal():
    layer = built(keras.layers.Conv2D(6, 4, 2, use_bias=False))
    assert imbalance(gradient_gains(layer)) > 0.5
    layer.kernel.assign(EqualPhaseGain(2)(layer.kernel))
    assert imbalance(gradient_gains(layer)) < 1e-6
    flat = mean_gradient(layer, np.ones((1, 20, 20, 3)))[0, 4:-4, 4:-4]
    assert np.ptp(flat, axis=(0, 1)).max() < 1e-6 * np.abs(flat).max()


def test_imbalance_is_the_share_of_pattern_for_random_flat_inputs(rng):
    gains = rng.normal(size=(4, 5, 7)) + 0.5
    y = gains @ rng.normal(size=(7, 20000))
    share = np.sqrt(np.mean(y.var(axis=0)) / np.mean(y**2))
    assert imbalance(gains) == pytest.approx(share, rel=0.02)
    one = np.sqrt(np.mean(y[:, 2].var(axis=0)) / np.mean(y[:, 2] ** 2))
    assert imbalance_per_channel(gains)[2] == pytest.approx(one, rel=0.05)


def test_imbalance_is_bounded_where_the_mean_vanishes():
    assert imbalance(np.array([1.0, -1.0]).reshape(2, 1, 1)) == 1
    assert imbalance(np.zeros((4, 2, 3))) == 0
    random = np.random.default_rng(0).normal(size=(4, 50, 50))
    assert imbalance(random) == pytest.approx(np.sqrt(3 / 4), abs=0.01)


def test_other_layers_are_refused():
    with pytest.raises(ValueError, match="`layer` must upsample"):
        upsampling_gains(built(keras.layers.Conv2D(4, 3)))
    with pytest.raises(ValueError, match="must be a convolution of Keras"):
        gradient_gains(keras.layers.Dense(3))
