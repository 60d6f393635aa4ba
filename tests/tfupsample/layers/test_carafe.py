import numpy as np
import pytest
import reference
import tensorflow as tf
from resampling_checks import (
    check_flat,
    check_gradients,
    randomize,
)

from tfupsample import PAD_MODES, Carafe2D


def oracle(layer, x):
    compressor, encoder = (
        [w.numpy().astype("float64") for w in conv.weights]
        for conv in (layer.compressor, layer.encoder)
    )
    return reference.carafe(
        x,
        compressor,
        encoder,
        layer.scale,
        layer.kernel_size,
        layer.encoder_size,
        layer.groups,
        layer.pad_mode,
    )


def made(rng, channels=4, **arguments):
    layer = Carafe2D(**{"compressed_channels": 3} | arguments)
    layer.build((None, None, None, channels))
    return randomize(layer, rng)


@pytest.mark.parametrize("pad_mode", [*PAD_MODES, ("constant", "reflect")])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"scale": 3, "kernel_size": 3, "encoder_size": 1, "groups": 2},
        {"scale": (1, 2), "kernel_size": (2, 4), "encoder_size": (3, 2)},
    ],
)
def test_layer_follows_the_paper(rng, arguments, pad_mode):
    layer = made(rng, pad_mode=pad_mode, **arguments)
    x = rng.normal(size=(2, 5, 3, 4)).astype("float32")
    y = layer(x)
    assert layer.compute_output_shape(x.shape) == y.shape
    np.testing.assert_allclose(y, oracle(layer, x), atol=1e-5)


@pytest.mark.parametrize("pad_mode", ["symmetric", "constant"])
def test_gradients_are_the_differences_of_the_oracle(rng, pad_mode):
    layer = made(
        rng, 2, kernel_size=3, groups=2, pad_mode=pad_mode, dtype="float64"
    )
    check_gradients(layer, oracle, rng.normal(size=(1, 3, 2, 2)), rng)


@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_flat_stays_flat_with_any_weights(rng, pad_mode):
    for scale, kernel_size in ((2, 5), (3, 4), ((1, 4), (1, 3))):
        layer = made(
            rng, scale=scale, kernel_size=kernel_size, pad_mode=pad_mode
        )
        check_flat(layer, rng, pad_mode)


def test_new_layers_average_the_neighbourhood(rng):
    """Up to their random start, of 0.001."""
    x = rng.normal(size=(1, 6, 5, 4)).astype("float32")
    padded = tf.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], "SYMMETRIC")
    mean = tf.nn.avg_pool2d(padded, 3, 1, "VALID")
    expected = np.repeat(np.repeat(mean, 2, axis=1), 2, axis=2)
    layer = Carafe2D(kernel_size=3)
    np.testing.assert_allclose(layer(x), expected, atol=0.05)


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"scale": 0}, "`scale` must be an integer of at least 1"),
        ({"kernel_size": (3, 3, 3)}, "`kernel_size` must be one value or 2"),
        ({"encoder_size": 0}, "`encoder_size` must be an integer of at least"),
        ({"compressed_channels": 0}, "`compressed_channels` must be an integ"),
        ({"groups": 0}, "`groups` must be an integer of at least 1"),
        ({"scale": 256, "kernel_size": 7}, "at most 1048576 weights for each"),
        ({"kernel_initializer": "best"}, "`kernel_initializer` must be one of"),
    ],
)
def test_wrong_arguments_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        Carafe2D(**bad)


def test_groups_divide_the_channels():
    with pytest.raises(ValueError, match="`groups` must divide the channels"):
        Carafe2D(groups=2)(np.zeros((1, 4, 4, 3)))
