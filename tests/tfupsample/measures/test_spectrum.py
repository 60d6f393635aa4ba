import keras
import numpy as np
import pytest
import tensorflow as tf

from tfupsample.measures.losses import SpectralLoss
from tfupsample.measures.spectrum import radial_spectrum, spectral_distance


def by_definition(images):
    """One ring at a time, the DFT as a sum over pixels."""
    height, width = images.shape[1:3]
    window = np.outer(
        *(np.sin(np.pi * np.arange(n) / n) ** 2 for n in (height, width))
    )
    size = min(height, width)
    rings = [[] for _ in range(size // 2 + 1)]
    for row, column in np.ndindex(height, width):
        y, x = (
            (i if i <= n // 2 else i - n) / n
            for i, n in ((row, height), (column, width))
        )
        wave = np.exp(
            -2j
            * np.pi
            * (y * np.arange(height)[:, None] + x * np.arange(width)[None, :])
        )
        grey = images.mean(-1)
        grey = (grey - grey.mean((1, 2), keepdims=True)) * window
        power = np.mean(np.abs((grey * wave).sum((1, 2))) ** 2)
        ring = min(int(np.rint(np.hypot(y, x) * size)), size // 2)
        rings[ring].append(power / (window**2).sum())
    return 10 * np.log10([np.mean(ring) for ring in rings[1:]])


@pytest.mark.parametrize("shape", [(3, 8, 8, 2), (2, 9, 12, 1), (1, 7, 7, 3)])
def test_spectrum_follows_its_definition(rng, shape):
    images = rng.normal(size=shape)
    frequency, power = radial_spectrum(images)
    np.testing.assert_allclose(power, by_definition(images), atol=1e-6)
    assert len(frequency) == len(power) == min(shape[1:3]) // 2
    size = min(shape[1:3])
    np.testing.assert_allclose(frequency, np.arange(1, size // 2 + 1) / size)


@pytest.mark.parametrize("deviation", [0.1, 1.0, 30.0])
def test_white_noise_is_flat_at_its_variance(rng, deviation):
    images = rng.normal(scale=deviation, size=(300, 32, 32, 1))
    power = radial_spectrum(images).power - 20 * np.log10(deviation)
    np.testing.assert_allclose(power[1:], 0, atol=0.2)
    assert -1 < power[0] < 0.2  # next to the mean that was taken away


def test_a_flat_image_has_no_power():
    power = radial_spectrum(np.full((1, 8, 8, 3), 7.0)).power
    np.testing.assert_allclose(power, -120, atol=0.1)


def test_a_checkerboard_shows_at_nyquist_only(rng):
    images = rng.normal(size=(50, 32, 32, 1))
    board = (np.indices((32, 32)).sum(0) % 2 * 2 - 1)[..., None]
    rise = radial_spectrum(images + board).power - radial_spectrum(images).power
    assert rise[-1] > 3
    assert np.abs(rise[:-1]).max() < 0.01


def test_distance_is_the_difference_in_gain(rng):
    images = rng.normal(size=(4, 16, 16, 3))
    assert spectral_distance(images, images) == 0
    assert spectral_distance(images, 10 * images) == pytest.approx(20, abs=1e-6)
    other = rng.normal(size=(4, 16, 16, 3))
    assert 0 < spectral_distance(images, other) < 4


def test_loss_is_the_distance_squared(rng):
    first, second = rng.normal(size=(2, 6, 12, 16, 3)).astype("float32")
    loss = float(SpectralLoss()(first, 0.5 * second))
    expected = spectral_distance(first, 0.5 * second) ** 2
    assert loss == pytest.approx(expected, rel=1e-4)
    assert float(SpectralLoss()(first, first)) == 0


@pytest.mark.parametrize("jit", [False, True])
def test_gradient_of_the_loss_is_that_of_finite_differences(rng, jit):
    real, fake = rng.normal(size=(2, 3, 8, 8, 2))
    loss = SpectralLoss(dtype="float64")

    @tf.function(jit_compile=jit)
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = loss(real, x)
        return tape.gradient(y, x)

    direction = rng.normal(size=fake.shape)
    step = 1e-5 * direction
    difference = float(loss(real, fake + step) - loss(real, fake - step))
    slope = np.sum(gradient(tf.constant(fake)).numpy() * direction)
    assert slope == pytest.approx(difference / 2e-5, rel=1e-5)
    assert abs(slope) > 0.1


def test_descending_the_loss_removes_a_pattern(rng):
    real = rng.normal(size=(8, 16, 16, 1)).astype("float32")
    board = (np.indices((16, 16)).sum(0) % 2 * 2 - 1)[..., None]
    strength = keras.Variable([2.0])
    loss, optimizer = SpectralLoss(), keras.optimizers.Adam(0.1)
    for _ in range(60):
        with tf.GradientTape() as tape:
            value = loss(real, real + strength * board)
        optimizer.apply([tape.gradient(value, strength.value)], [strength])
    assert abs(strength[0]) < 0.2


def test_loss_trains_saves_and_needs_no_pairs(rng, tmp_path):
    images = rng.normal(size=(8, 16, 16, 1)).astype("float32")
    model = keras.Sequential(
        [keras.Input((16, 16, 1)), keras.layers.Conv2D(1, 3, padding="same")]
    )
    model.compile("adam", SpectralLoss(), jit_compile=True)
    history = model.fit(images, images[::-1], epochs=3, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(restored.loss, SpectralLoss)


def test_unusable_images_are_named(rng):
    with pytest.raises(ValueError, match="must have the shape"):
        radial_spectrum(np.zeros((8, 8, 3)))
    with pytest.raises(ValueError, match="at least 4 pixels"):
        radial_spectrum(np.zeros((1, 3, 8, 3)))
    with pytest.raises(ValueError, match="same height and width"):
        spectral_distance(np.zeros((1, 8, 8, 3)), np.zeros((1, 9, 8, 3)))
