import keras
import numpy as np
import pytest
import tensorflow as tf

from models import deep_image_prior as dip
from tfupsample import UPSAMPLERS


def toy(architecture="hourglass", **kwargs):
    return dip.network(
        architecture, **{"size": 16, "depth": 2, "width": 4} | kwargs
    )


def tiny():
    """A network that is quick to trace."""
    return toy("single", depth=1)


def randomise(network, rng):
    for variable in network.trainable_variables:
        variable.assign(0.3 * rng.normal(size=variable.shape))


def fit(prior, picture, steps=1, rate=0.01, mask=None, callbacks=()):
    """Steps are epochs where callbacks are to see each."""
    prior.compile(keras.optimizers.Adam(rate), jit_compile=False)
    noise = dip.noise_input(prior.network.input_shape[1:3])
    batch = (noise, picture) if mask is None else (noise, picture, mask)
    epochs = steps if callbacks else 1
    prior.fit(
        tf.data.Dataset.from_tensors(batch).repeat(),
        epochs=epochs,
        steps_per_epoch=steps // epochs,
        shuffle=False,
        verbose=0,
        callbacks=list(callbacks),
    )
    return prior


@pytest.fixture
def picture(rng):
    return rng.uniform(size=(1, 16, 16, 3)).astype("float32")


@pytest.mark.slow
@pytest.mark.parametrize("upsample", [*UPSAMPLERS, "deconv,nearest"])
@pytest.mark.parametrize("architecture", dip.ARCHITECTURES)
def test_networks_take_any_upsampler_and_make_pictures(architecture, upsample):
    network = toy(architecture, upsample=upsample, size=(8, 16), channels=1)
    picture = network(dip.noise_input((8, 16))).numpy()
    assert picture.shape == (1, 8, 16, 1)
    assert 0 < picture.min() < picture.max() < 1


def test_architectures_have_the_channels_of_their_sources():
    def filters(architecture, **kwargs):
        layers = toy(architecture, size=32, depth=3, **kwargs).layers
        return [x.filters for x in layers if hasattr(x, "filters")]

    assert filters("single") == [4, 8, 16, 8, 4, 3]
    doubled = [4, 4, 8, 8, 16, 16, 8, 8, 4, 4, 3, 3]
    assert filters("double") == doubled
    assert sorted(filters("hourglass", width=9)) == [3] + [4] * 3 + [9] * 15


@pytest.mark.parametrize("architecture", dip.ARCHITECTURES)
def test_on_a_ring_there_is_no_border(architecture, rng):
    """Where all convolutions wrap around, a moved input moves the output."""
    noise = dip.noise_input((16, 16))
    for pad_mode, equal in (("circular", True), ("reflect", False)):
        network = toy(architecture, pad_mode=pad_mode)
        randomise(network, rng)
        moved = network(np.roll(noise, 4, 2))  # a pixel of the lowest level
        error = np.abs(moved - np.roll(network(noise), 4, 2)).max()
        assert (error < 1e-4) == equal


def test_normalisation_is_batch_normalisation_of_one_picture(rng):
    x = rng.normal(3, 2, size=(1, 8, 8, 5)).astype("float32")
    tensor = keras.Input((8, 8, 5))
    model = keras.Model(tensor, dip._normed(tensor))
    batch = keras.layers.BatchNormalization(epsilon=1e-5)
    np.testing.assert_allclose(model(x), batch(x, training=True), atol=1e-5)


def test_two_convolutions_are_the_papers_one_of_both(rng):
    """Upsample, concatenate the skip, normalise, pad and convolve."""
    network = toy(depth=1, pad_mode="reflect", upsample="nearest")
    randomise(network, rng)
    add = next(x for x in network.layers if isinstance(x, keras.layers.Add))
    up, side = (tensor._keras_history.operation for tensor in add.input)
    inner = keras.Model(network.input, [up.input, side.input, add.output])
    deep, skip, actual = inner(dip.noise_input((16, 16)))
    both = tf.concat([tf.repeat(tf.repeat(deep, 2, 1), 2, 2), skip], -1)
    both = tf.pad(both, [(0, 0), (1, 1), (1, 1), (0, 0)], "REFLECT")
    kernel = tf.concat([up.kernel.value, side.kernel.value], 2)
    expected = tf.nn.conv2d(both, kernel, 1, "VALID") + up.bias + side.bias
    np.testing.assert_allclose(actual, expected, atol=1e-5)


class Outputs(keras.callbacks.Callback):
    """Keeps the output that each step starts from, and what it averaged."""

    def __init__(self):
        super().__init__()
        self.outputs, self.averages = [], []

    def on_epoch_begin(self, epoch, logs=None):
        noise = dip.noise_input(self.model.network.input_shape[1:3])
        self.outputs.append(self.model.network(noise).numpy())

    def on_epoch_end(self, epoch, logs=None):
        self.averages.append(self.model.average.numpy())


def test_average_is_exponential_and_best_is_its_nearest(picture):
    outputs = Outputs()
    prior = dip.DeepImagePrior(
        tiny(), jitter=0.0, momentum=0.3, clean=1 - picture
    )
    fit(prior, picture, 8, 0.05, callbacks=[outputs])
    expected = outputs.outputs[0]
    for step, output in enumerate(outputs.outputs):
        momentum = min(0.3, step / (step + 10))
        expected = momentum * expected + (1 - momentum) * output
        np.testing.assert_allclose(outputs.averages[step], expected, atol=1e-5)
    errors = [np.mean((a - 1 + picture) ** 2) for a in outputs.averages]
    best = int(np.argmin(errors))
    assert int(prior.best_step) == best + 1 < len(errors)
    np.testing.assert_array_equal(prior.best, outputs.averages[best])
    decibels = -10 * np.log10(errors[best])
    assert float(prior.best_psnr) == pytest.approx(decibels, abs=1e-3)


def test_without_a_clean_picture_the_best_is_the_latest(picture):
    prior = fit(dip.DeepImagePrior(tiny()), picture, 3)
    np.testing.assert_array_equal(prior.best, prior.average)
    assert int(prior.best_step) == 3


@pytest.mark.slow
@pytest.mark.parametrize("loss", dip.LOSSES)
def test_missing_pixels_teach_nothing(loss, picture, rng):
    mask = (rng.random((1, 16, 16, 1)) < 0.5).astype("float32")
    other = np.where(mask, picture, 1 - picture)
    networks = [tiny(), tiny()]
    networks[1].set_weights(networks[0].get_weights())
    for network, shown in zip(networks, (picture, other)):
        prior = dip.DeepImagePrior(network, loss, jitter=0.0)
        fit(prior, shown, 2, mask=mask)
    for one, two in zip(*(n.get_weights() for n in networks)):
        np.testing.assert_allclose(one, two, atol=1e-6)
    assert np.abs(other - picture).max() > 0.5


def test_losses_of_known_differences(picture):
    mask = np.ones((1, 16, 16, 1), "float32")
    mask[:, :8] = 0
    shifted = picture + np.where(mask, 0.1, 5.0).astype("float32")
    l1, l2, kl = (dip.LOSSES[name] for name in ("l1", "l2", "kl"))
    np.testing.assert_allclose(l1(picture, shifted, mask), 0.1, rtol=1e-4)
    np.testing.assert_allclose(l2(picture, shifted, mask), 0.01, rtol=1e-4)
    np.testing.assert_allclose(dip.psnr(picture, shifted, mask), 20, atol=1e-2)
    gains = np.float32([0.3, 0.6, 0.9])
    np.testing.assert_allclose(kl(picture, gains * picture, mask), 0, atol=1e-6)
    assert kl(picture, shifted, mask) > 1e-4
    # Two pixels in the ratio 1 to 1 and 3 to 1.
    one, two = (np.float32(x).reshape(1, 1, 2, 1) for x in ([1, 1], [3, 1]))
    expected = 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25)
    np.testing.assert_allclose(kl(one, two, 1.0), expected, atol=1e-5)


def test_jitter_has_its_strength_in_training_only():
    network = keras.Sequential(
        [keras.Input((64, 64, 32)), keras.layers.Identity()]
    )
    prior = dip.DeepImagePrior(network, jitter=0.25)
    zeros = np.zeros((1, 64, 64, 32), "float32")
    assert np.std(prior(zeros, training=True)) == pytest.approx(0.25, abs=2e-3)
    assert np.std(prior(zeros)) == 0


def test_noise_input_is_uniform_and_seeded():
    noise = dip.noise_input((32, 24), seed=1)
    assert noise.shape == (1, 32, 24, 32)
    assert 0 <= noise.min() < 1e-4 and 0.0999 < noise.max() <= 0.1
    np.testing.assert_array_equal(noise, dip.noise_input((32, 24), seed=1))
    assert (noise != dip.noise_input((32, 24), seed=2)).any()


@pytest.mark.slow
def test_average_is_nearer_to_the_clean_picture_than_the_noisy_one(rng):
    row, column = np.mgrid[:32, :32] / 31
    clean = np.stack([row, column, row * column], -1)[None].astype("float32")
    noise = 0.2 * rng.normal(size=clean.shape).astype("float32")
    noisy = np.clip(clean + noise, 0, 1)
    prior = dip.DeepImagePrior(toy("double", size=32, depth=1), clean=clean)
    fit(prior, noisy, 100)
    gain = dip.psnr(clean, prior.average) - dip.psnr(clean, noisy)
    assert gain > 5


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: toy("unet"), "`architecture` must be one of"),
        (lambda: toy(size=18), "multiple of 2\\*\\*depth = 4.*18"),
        (lambda: toy(depth=0), "`depth` must be an integer"),
        (lambda: toy(upsample="zoom"), "`upsample` must be one of"),
        (lambda: toy(pad_mode="zero"), "`pad_mode` must be"),
        (lambda: dip.DeepImagePrior(toy(), "l3"), "`loss` must be one of"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
