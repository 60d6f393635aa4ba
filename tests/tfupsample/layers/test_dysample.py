import numpy as np
import pytest
import reference
from resampling_checks import check_flat, check_gradients, randomize

from tfupsample import PAD_MODES, DySample2D


def oracle(layer, x):
    offset = [w.numpy().astype("float64") for w in layer.offset.weights]
    scope = layer.scope and layer.scope.kernel.numpy().astype("float64")
    return reference.dysample(
        x,
        offset,
        scope,
        layer.scale,
        layer.groups,
        layer.order,
        layer.pad_mode,
    )


def made(rng, channels=4, deviation=0.5, **arguments):
    layer = DySample2D(**{"groups": 1} | arguments)
    layer.build((None, None, None, channels))
    return randomize(layer, rng, deviation)


@pytest.mark.parametrize("pad_mode", [*PAD_MODES, ("constant", "reflect")])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"scale": 3, "groups": 2, "dynamic_scope": True},
        {"scale": (1, 2), "order": "pl", "groups": 2},
        {"order": "pl", "dynamic_scope": True, "deviation": 20},
    ],
)
def test_layer_follows_the_paper(rng, arguments, pad_mode):
    """Up to offsets of many pixels, far beyond the border."""
    layer = made(rng, pad_mode=pad_mode, **arguments)
    x = rng.normal(size=(2, 5, 3, 4)).astype("float32")
    y = layer(x)
    assert layer.compute_output_shape(x.shape) == y.shape
    np.testing.assert_allclose(y, oracle(layer, x), atol=1e-4)


@pytest.mark.parametrize("pad_mode", ["symmetric", "constant"])
@pytest.mark.parametrize("order", ["lp", "pl"])
def test_gradients_are_the_differences_of_the_oracle(rng, order, pad_mode):
    layer = made(
        rng,
        groups=2,
        order=order,
        dynamic_scope=True,
        pad_mode=pad_mode,
        dtype="float64",
    )
    check_gradients(layer, oracle, rng.normal(size=(1, 3, 2, 4)), rng)


@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_flat_stays_flat_with_any_weights(rng, pad_mode):
    for scale, order in ((2, "lp"), (2, "pl"), ((3, 1), "lp")):
        layer = made(rng, scale=scale, order=order, pad_mode=pad_mode)
        check_flat(layer, rng, pad_mode)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_flat_stays_flat_to_the_last_bit(rng, dtype):
    layer = made(rng, groups=4, scale=3, dtype=dtype)
    y = np.asarray(layer(np.full((1, 4, 5, 4), 0.7)), "float32")
    assert np.ptp(y) == 0


@pytest.mark.parametrize("scale", [2, 3, (4, 1)])
@pytest.mark.parametrize("order", ["lp", "pl"])
def test_without_offsets_it_is_bilinear_resizing(rng, order, scale):
    layer = made(rng, 36, deviation=0.0, order=order, scale=scale)
    x = rng.normal(size=(2, 5, 4, 36)).astype("float32")
    expected = reference.resize(x, layer.scale, "bilinear")
    np.testing.assert_allclose(layer(x), expected, atol=1e-6)


def test_positions_are_as_precise_in_large_images(rng):
    """The last pixels of a wide image, and the same pixels by themselves."""
    layer = made(rng, pad_mode="edge")
    x = rng.normal(size=(1, 1, 40000, 4)).astype("float32")
    np.testing.assert_allclose(
        layer(x)[:, :, -40:], layer(x[:, :, -40:])[:, :, -40:], atol=1e-6
    )


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"scale": 0}, "`scale` must be an integer of at least 1"),
        ({"groups": 0}, "`groups` must be an integer of at least 1"),
        ({"order": "ll"}, "`order` must be one of .'lp', 'pl'."),
        ({"dynamic_scope": 1}, "`dynamic_scope` must be True or False"),
        ({"scale": 256, "groups": 9}, "at most 1048576 offsets for each"),
        ({"kernel_initializer": "best"}, "`kernel_initializer` must be one of"),
    ],
)
def test_wrong_arguments_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        DySample2D(**bad)


def test_groups_and_phases_divide_the_channels():
    with pytest.raises(ValueError, match="`groups` must divide the channels"):
        DySample2D()(np.zeros((1, 4, 4, 3)))
    with pytest.raises(ValueError, match="product of `scale` must divide"):
        DySample2D(3, 4, "pl")(np.zeros((1, 4, 4, 12)))
