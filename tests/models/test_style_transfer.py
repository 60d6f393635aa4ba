"""The network, its training, and pictures that are painted in tiles."""

import keras
import numpy as np
import pytest

from models import perceptual, style_transfer, tiled_style_transfer
from models.conditional_instance_norm import ConditionalInstanceNormalization
from models.tiled_style_transfer import stylise
from tfupsample import UPSAMPLERS


def painted_network(rng, styles=3, blocks=1, **kwargs):
    """A network whose normalisations differ from style to style."""
    network = style_transfer.network(styles, 4, blocks, **kwargs)
    for layer in network.layers:
        if isinstance(layer, ConditionalInstanceNormalization):
            layer.scale.assign(rng.uniform(0.5, 1.5, layer.scale.shape))
            layer.offset.assign(rng.normal(size=layer.offset.shape))
    return network


def picture(rng, height, width):
    return rng.uniform(-1, 1, size=(height, width, 3)).astype("float32")


@pytest.mark.slow
@pytest.mark.parametrize("upsample", [*UPSAMPLERS, "deconv,nearest"])
def test_network_takes_any_upsampler_and_size(rng, upsample):
    network = painted_network(rng, upsample=upsample, kernel_size=4)
    for height, width in ((32, 24), (20, 36)):
        images = np.stack([picture(rng, height, width)] * 2)
        pictures = network([images, np.eye(3, dtype="float32")[:2]]).numpy()
        assert pictures.shape == images.shape
        assert np.isfinite(pictures).all()
        assert np.abs(pictures[0] - pictures[1]).max() > 1e-3


def test_channels_are_those_of_the_paper():
    network = style_transfer.network(2, 32)
    filters = [x.filters for x in network.layers if hasattr(x, "filters")]
    assert filters == [32, 64, *[128] * 11, 64, 32, 3]
    norms = [
        layer
        for layer in network.layers
        if isinstance(layer, ConditionalInstanceNormalization)
    ]
    assert len(norms) == len(filters) - 1


def test_blocks_pass_what_they_get_before_training(rng):
    network = style_transfer.network(2, 4, blocks=2)
    first, last = (
        layer for layer in network.layers if isinstance(layer, keras.layers.Add)
    )
    inside = keras.Model(network.inputs, [first.input[0], last.output])
    before, after = inside([picture(rng, 16, 16)[None], np.eye(2)[:1]])
    assert np.ptp(before) > 0.1
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("pad_mode", ["reflect", "symmetric", "constant"])
def test_only_zeros_beyond_the_border_show(rng, pad_mode):
    """In a flat picture; later normalisations would enlarge its rounding."""
    network = painted_network(rng, pad_mode=pad_mode)
    first = next(
        layer
        for layer in network.layers
        if isinstance(layer, ConditionalInstanceNormalization)
    )
    seen = keras.Model(network.inputs, first.output)
    flat = np.full((1, 32, 32, 3), 0.3, "float32")
    spread = np.ptp(seen([flat, np.float32([[1, 0, 0]])]), axis=(1, 2)).max()
    assert (spread > 1) == (pad_mode == "constant")
    assert spread < 1e-3 or pad_mode == "constant"


@pytest.mark.slow
@pytest.mark.parametrize("upsample", ["nearest", "bicubic"])
def test_tiled_equals_whole(rng, upsample):
    network = painted_network(rng, upsample=upsample, kernel_size=5)
    image = picture(rng, 150, 131)
    image[:, :60] /= 4  # a tile alone would have other moments
    shares = [0.2, 0.5, 0.3]
    done = []
    tiled = stylise(
        network, image, shares, 128, progress=lambda *x: done.append(x)
    )
    whole = stylise(network, image, shares, 256)
    assert tiled.shape == whole.shape == image.shape
    np.testing.assert_allclose(tiled, whole, atol=1e-3)
    passes = 8  # for 7 normalisations, and to paint
    assert len(done) % passes == 0 and len(done) > passes
    assert done == [(i + 1, len(done)) for i in range(len(done))]


def test_tiles_with_moments_of_their_own_do_not_equal_the_whole(rng):
    """So the test above can fail."""
    network = painted_network(rng)
    image = picture(rng, 152, 132)
    image[:, :60] /= 4
    shares = np.float32([[0.2, 0.5, 0.3]])
    part = network([image[None, :104, :104], shares])[0, :24, :24]
    whole = stylise(network, image, shares[0], 256)[:24, :24]
    assert np.abs(part - whole).max() > 0.05


@pytest.mark.parametrize("mean, deviation", [(0, 1), (1e3, 0.1), (-1e4, 1)])
def test_moments_of_cells_give_those_of_all_pixels(rng, mean, deviation):
    """Squares of such means, rounded to float32, leave no variance over."""
    x = rng.normal(mean, deviation, (1, 24, 16, 5)).astype("float32")
    cells = tiled_style_transfer._cell_moments(x, (1, 6, 4))[0]
    found = tiled_style_transfer._picture_moments(cells.astype("float32"))
    pixels = x.astype("float64").reshape(-1, 5)
    np.testing.assert_allclose(
        found[0, 0], pixels.mean(0), rtol=1e-6, atol=1e-6
    )
    np.testing.assert_allclose(found[0, 1], pixels.var(0), rtol=1e-3)


def test_whole_pictures_are_what_the_network_makes(rng):
    network = painted_network(rng)
    image = picture(rng, 40, 48)
    shares = np.float32([1, 0, 0])
    expected = network([image[None], shares[None]])[0]
    np.testing.assert_array_equal(stylise(network, image, shares, 64), expected)


@pytest.mark.slow
def test_too_short_a_reach_is_seen(rng, monkeypatch):
    monkeypatch.setattr(tiled_style_transfer, "reach", lambda network: 8)
    network = painted_network(rng, upsample="bicubic", kernel_size=5)
    image = picture(rng, 150, 131)
    tiled = stylise(network, image, [1, 0, 0], 128)
    whole = stylise(network, image, [1, 0, 0], 256)
    assert np.abs(tiled - whole).max() > 1e-2


def test_too_small_a_tile_is_named(rng):
    with pytest.raises(ValueError, match="`tile` must be larger"):
        stylise(painted_network(rng), picture(rng, 99, 99), [1, 0, 0], 64)


def toy(rng, styles=2):
    pictures = [picture(rng, 32, 32) ** (3 + i) for i in range(styles)]
    loss = perceptual.PerceptualLoss(
        perceptual.multiscale(4, 1), pictures, 1.0, 1.0, 0.1
    )
    network = style_transfer.network(styles, 4, 1)
    return style_transfer.StyleTransfer(network, loss)


@pytest.mark.slow
def test_fit_lowers_the_loss(rng):
    model = toy(rng, styles=1)
    model.compile(keras.optimizers.Adam(3e-3), jit_compile=False)
    images = rng.uniform(-1, 1, size=(8, 32, 32, 3)).astype("float32")
    history = model.fit(images, batch_size=4, epochs=10, verbose=0).history
    assert {"loss", *perceptual.TERMS} == history.keys()
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    total = sum(history[name][-1] for name in perceptual.TERMS)
    assert history["loss"][-1] == pytest.approx(total, rel=1e-4)


def test_only_the_network_is_trained(rng):
    model = toy(rng)
    assert len(model.trainable_variables) == len(
        model.network.trainable_variables
    )


def test_two_replicas_share_the_loss(rng):
    """tf.distribute adds up gradients, so each replica gives its share."""
    import tensorflow as tf

    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    images = picture(rng, 32, 32)[None]
    made = {"pictures": images[:, ::-1] / 2, "chosen": np.array([1])}
    with strategy.scope():
        model = toy(np.random.default_rng(1))
        model.compile("sgd")
    shares = strategy.run(lambda: model.compute_loss(images, None, made))
    total = strategy.reduce("SUM", shares, axis=None)
    expected = toy(np.random.default_rng(1)).compute_loss(images, None, made)
    np.testing.assert_allclose(total, expected, rtol=1e-2)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: style_transfer.network(0), "`styles` must be"),
        (lambda: style_transfer.network(2, upsample="zoom"), "`upsample` must"),
        (lambda: style_transfer.network(2, width=0), "`width` must be"),
        (lambda: style_transfer.network(2, blocks=0), "`blocks` must be"),
        (lambda: style_transfer.network(2, pad_mode="zero"), "`pad_mode` must"),
        (lambda: perceptual.multiscale(scales=0), "`scales` must be"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
