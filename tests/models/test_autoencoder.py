import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from models import autoencoder as model_of
from models.autoencoder import Autoencoder, autoencoder
from tfupsample import PAD_MODES, UPSAMPLERS

TOY = {"image_size": 16, "width": 4, "code": 2, "depth": 2}


@pytest.fixture
def images(rng):
    return rng.uniform(-1, 1, size=(12, 16, 16, 3)).astype("float32")


@pytest.mark.parametrize("upsample", [*UPSAMPLERS, "deconv,nearest"])
def test_any_upsampler_reconstructs_in_the_range_of_images(images, upsample):
    model = autoencoder(**TOY, upsample=upsample, kernel_size=5)
    made = model(images)["images"].numpy()
    assert made.shape == images.shape
    assert np.abs(made).max() <= 1
    assert model.encoder(images).shape == (12, 4, 4, 2)


def test_one_network_serves_images_of_any_size(rng):
    """What `border_error` needs: the weights do not depend on the size."""
    fixed = autoencoder(**TOY).reconstructor()
    any_size = autoencoder(**TOY | {"image_size": None}).reconstructor()
    any_size.set_weights(fixed.get_weights())
    image = rng.uniform(-1, 1, size=(1, 16, 16, 3)).astype("float32")
    np.testing.assert_allclose(any_size(image), fixed(image), atol=1e-6)
    assert any_size(np.zeros((1, 20, 36, 3))).shape == (1, 20, 36, 3)


@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_flat_images_stay_flat_unless_zeros_are_seen(pad_mode):
    """Resize-convolutions and padded convolutions end to end."""
    network = autoencoder(**TOY, pad_mode=pad_mode).reconstructor()
    made = network(np.full((1, 16, 16, 3), 0.7, "float32")).numpy()
    spread = np.ptp(made, axis=(1, 2)).max()
    assert (spread > 1e-3) if pad_mode == "constant" else (spread < 1e-6)


def test_channels_double_down_and_halve_up():
    model = autoencoder(64, width=5, depth=3)
    for network, filters in (
        (model.encoder, [5, 10, 20, 16]),
        (model.decoder, [20, 10, 5, 3]),
    ):
        found = [x.filters for x in network.layers if hasattr(x, "filters")]
        assert found == filters


@pytest.mark.slow
@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_equals_the_textbook_step(images, jit_compile):
    """Gradient descent on the mean squared error."""
    model = autoencoder(**TOY)
    textbook = autoencoder(**TOY)
    textbook.set_weights(model.get_weights())
    model.compile(keras.optimizers.SGD(0.5), jit_compile=jit_compile)
    model.fit(images, batch_size=12, verbose=0)
    network = textbook.reconstructor()
    weights = [v.value for v in network.trainable_variables]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((network(images) - images) ** 2)
    steps = tape.gradient(loss, weights)
    for before, step, after in zip(weights, steps, model.trainable_variables):
        np.testing.assert_allclose(after, before - 0.5 * step, atol=1e-6)
    assert max(np.abs(step).max() for step in steps) > 1e-3


def test_divergence_is_the_mean_of_log_ratios(rng):
    """By drawing from both distributions, as its definition has it."""
    mean, deviation = rng.normal(size=3), rng.uniform(0.3, 2, size=3)
    y_pred = {
        "images": np.zeros((1, 2, 2, 3), "float32"),
        "mean": mean.reshape(1, 1, 1, 3).astype("float32"),
        "log_variance": 2
        * np.log(deviation).reshape(1, 1, 1, 3).astype("float32"),
    }
    model = autoencoder(**TOY, variational=True, kl_weight=2.0)
    loss = float(model.compute_loss(y_pred["images"], None, y_pred))
    draws = rng.normal(mean, deviation, size=(200_000, 3))
    ratios = stats.norm.logpdf(draws, mean, deviation) - stats.norm.logpdf(
        draws
    )
    assert loss == pytest.approx(2.0 * ratios.sum(1).mean() / 12, rel=0.01)


def constant_encoder(mean, log_variance):
    x = images = keras.Input((4, 4, 3))
    codes = [
        keras.layers.Conv2D(
            3,
            1,
            kernel_initializer="zeros",
            bias_initializer=keras.initializers.Constant(value),
        )(x)
        for value in (mean, log_variance)
    ]
    return keras.Model(images, codes)


def identity():
    codes = keras.Input((4, 4, 3))
    return keras.Model(codes, keras.layers.Activation("linear")(codes))


def test_codes_are_drawn_from_the_distribution():
    model = Autoencoder(constant_encoder(0.4, np.log(0.25)), identity(), seed=3)
    zeros = np.zeros((500, 4, 4, 3), "float32")
    first, second = (model(zeros)["images"].numpy() for _ in range(2))
    assert stats.kstest(first.ravel(), "norm", (0.4, 0.5)).pvalue > 0.01
    assert np.abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.03
    again = Autoencoder(constant_encoder(0.4, np.log(0.25)), identity(), seed=3)
    np.testing.assert_array_equal(first, again(zeros)["images"])


def test_reconstructions_are_without_chance():
    model = Autoencoder(constant_encoder(0.4, 0.0), identity())
    network = model.reconstructor()
    np.testing.assert_allclose(network(np.zeros((2, 4, 4, 3))), 0.4)


@pytest.mark.slow
@pytest.mark.parametrize("variational", [False, True])
def test_training_reaches_the_reconstructor(images, variational):
    model = autoencoder(**TOY, variational=variational)
    network = model.reconstructor()
    model.compile(keras.optimizers.Adam(1e-2), run_eagerly=True)
    before = network(images[:1]).numpy()
    error = model.evaluate(images, verbose=0)
    model.fit(images, epochs=6, verbose=0)
    assert model.evaluate(images, verbose=0) < error
    assert np.abs(network(images[:1]) - before).max() > 0.01


def test_an_image_loss_is_added_once(images):
    plain = autoencoder(**TOY)
    more = Autoencoder(
        plain.encoder,
        plain.decoder,
        image_loss=lambda real, made: 5 * (real[0, 0, 0, 0] - made[0, 0, 0, 0]),
    )
    y_pred = plain(images)
    added = more.compute_loss(images, None, y_pred) - plain.compute_loss(
        images, None, y_pred
    )
    expected = 5 * (images - y_pred["images"])[0, 0, 0, 0]
    assert float(added) == pytest.approx(float(expected), abs=1e-5)


def test_two_replicas_share_the_loss(images):
    """tf.distribute adds up gradients, so each replica gives its share."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        model = autoencoder(**TOY)
        model.compile("adam")
    y_pred = {"images": tf.zeros_like(images)}
    shares = strategy.run(lambda: model.compute_loss(images, None, y_pred))
    total = strategy.reduce("SUM", shares, axis=None)
    np.testing.assert_allclose(total, np.mean(images**2), rtol=1e-5)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"image_size": 18}, "`image_size` must be a multiple of 4.*18"),
        ({"depth": 0}, "`depth` must be an integer of at least 1"),
        ({"upsample": "zoom"}, "`upsample` must be one of"),
        ({"upsample": "nearest,deconv,deconv"}, "one name or 2"),
        ({"pad_mode": "zero"}, "`pad_mode` must be one of"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        autoencoder(**TOY | change)


def test_code_size_is_the_image_over_its_halvings():
    assert model_of.code_size(64, 3) == 8
    assert model_of.code_size(None, 3) is None
