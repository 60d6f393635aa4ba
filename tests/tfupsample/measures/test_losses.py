"""BorderLoss and TotalVariationLoss; SpectralLoss is in test_spectrum.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfupsample import BorderLoss, SpectralLoss, TotalVariationLoss

LOSSES = (
    BorderLoss(rings=2, dtype="float64"),
    TotalVariationLoss(dtype="float64"),
)


def ring_of(row, column, height, width):
    return min(row, column, height - 1 - row, width - 1 - column)


def by_definition(real, made, rings):
    """One pixel and one pair of images at a time."""
    count, height, width, channels = real.shape
    rings = min(rings, min(height, width) // 4)
    total = 0.0
    for channel, ring, power in np.ndindex(channels, rings, 2):
        more = np.zeros(count)
        for sign, images in ((1, made), (-1, real)):
            for i in range(count):
                border, interior = [], []
                for row, column in np.ndindex(height, width):
                    value = images[i, row, column, channel] ** (power + 1)
                    if ring_of(row, column, height, width) == ring:
                        border.append(value)
                    if (
                        height // 4 <= row < height - height // 4
                        and width // 4 <= column < width - width // 4
                    ):
                        interior.append(value)
                more[i] += sign * (np.mean(border) - np.mean(interior))
        pairs = [
            more[i] * more[j] for i, j in np.ndindex(count, count) if i != j
        ]
        total += np.mean(pairs)
    return total / (channels * rings * 2)


@pytest.mark.parametrize(
    "shape, rings", [((3, 8, 8, 2), 8), ((2, 9, 14, 1), 1), ((4, 12, 11, 3), 2)]
)
def test_border_loss_follows_its_definition(rng, shape, rings):
    real, made = rng.normal(size=(2, *shape))
    loss = float(BorderLoss(rings, dtype="float64")(real, made))
    assert loss == pytest.approx(by_definition(real, made, rings))
    assert abs(loss) > 1e-6


def borders(rng, plant_real, plant_made, batches=150):
    """Losses over batches of noise, with a border added by `plant_*`."""
    loss = BorderLoss(rings=2)
    values = []
    for _ in range(batches):
        real, made = rng.normal(scale=0.5, size=(2, 4, 16, 16, 2))
        plant_real(real)
        plant_made(made)
        values.append(float(loss(real, made)))
    return np.mean(values), np.std(values) / np.sqrt(batches)


def nothing(images):
    """Leaves images as they are."""


def brighter(images, by=0.3):
    images[:, [0, -1]] += by
    images[:, 1:-1, [0, -1]] += by


def noisier(images):
    images[:, [0, -1]] *= 2
    images[:, 1:-1, [0, -1]] *= 2


def test_stationary_noise_has_no_border_loss_in_the_mean(rng):
    """The square of a batch's mean, instead of products, would be 3e-3."""
    mean, error = borders(rng, nothing, nothing)
    assert error < 3e-4
    assert abs(mean) < 4 * error


def test_a_planted_border_has_the_loss_that_theory_gives(rng):
    mean, error = borders(rng, nothing, brighter)
    expected = (0.3**2 + 0.3**4) / 4  # in one of two rings, two moments
    assert mean == pytest.approx(expected, abs=4 * error)
    assert mean > 20 * error


def test_a_border_of_other_spread_is_seen(rng):
    mean, error = borders(rng, nothing, noisier)
    expected = (0.5**2 * 3) ** 2 / 4
    assert mean == pytest.approx(expected, abs=4 * error)
    assert mean > 20 * error


def test_a_border_that_real_images_have_costs_nothing(rng):
    mean, error = borders(rng, brighter, brighter)
    assert abs(mean) < 4 * error


def test_descending_the_border_loss_removes_a_border(rng):
    real = rng.normal(size=(16, 16, 16, 1)).astype("float32")
    frame = np.zeros((16, 16, 1), "float32")
    brighter(frame[None], 1.0)
    strength = keras.Variable([0.8])
    loss, optimizer = BorderLoss(rings=1), keras.optimizers.Adam(0.1)
    for _ in range(80):
        with tf.GradientTape() as tape:
            value = loss(real, real + strength * frame)
        optimizer.apply([tape.gradient(value, strength.value)], [strength])
    assert abs(strength[0]) < 0.1


def test_the_border_loss_of_an_image_is_its_mean_product(rng):
    """With each of the others; together they are the loss of the batch."""
    real, made = rng.normal(size=(2, 4, 8, 8, 2))
    each = BorderLoss(2, reduction=None, dtype="float64")(real, made)
    for i in range(4):
        pairs = [
            by_definition(real[[i, j]], made[[i, j]], 2)
            for j in range(4)
            if j != i
        ]
        assert float(each[i]) == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize("jit", [False, True])
def test_one_image_has_no_border_loss(rng, jit):
    """There are no pairs: a last batch of one must not spoil the weights."""
    images = rng.uniform(-1, 1, size=(5, 8, 8, 1)).astype("float32")
    assert float(BorderLoss()(images[:1], images[1:2])) == 0
    model = keras.Sequential([keras.layers.Conv2D(1, 3, padding="same")])
    model.compile("sgd", BorderLoss(), jit_compile=jit)
    model(images)
    before = model.get_weights()
    model.fit(images[:1], images[1:2], verbose=0)
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)
    history = model.fit(images, images[::-1], batch_size=4, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert all(np.isfinite(w).all() for w in model.get_weights())


@pytest.mark.parametrize(
    "loss_class", [BorderLoss, SpectralLoss, TotalVariationLoss]
)
def test_losses_are_reduced_as_those_of_keras(rng, loss_class):
    real, made = rng.normal(size=(2, 3, 16, 16, 1))
    weights = np.array([1.0, 0.0, 2.0])
    each = np.asarray(loss_class(reduction=None)(real, made))
    assert each.shape == (3,)
    for reduction, expected in (
        ("sum_over_batch_size", each.mean()),
        ("sum", each.sum()),
        ("none", each),
    ):
        loss = loss_class(reduction=reduction)
        np.testing.assert_allclose(loss(real, made), expected, rtol=1e-5)
        assert loss_class.from_config(loss.get_config()).reduction == (
            loss.reduction
        )
    weighted = loss_class()(real, made, weights)
    np.testing.assert_allclose(weighted, np.mean(weights * each), rtol=1e-5)


@pytest.mark.parametrize("size", [8, 13])
def test_total_variation_is_that_of_tensorflow(rng, size):
    images = rng.normal(size=(3, size, size, 2)).astype("float32")
    expected = tf.image.total_variation(tf.constant(images)) / (
        (size - 1) * size * 2
    )
    loss = TotalVariationLoss(reduction=None)(images, images)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    total = TotalVariationLoss()(images, images)
    np.testing.assert_allclose(total, np.mean(expected), rtol=1e-5)


def test_total_variation_counts_the_neighbours_of_each_axis(rng):
    images = np.zeros((1, 4, 6, 1))
    images[:, 2:] = 3.0  # one of three vertical steps
    assert float(TotalVariationLoss()(images, images)) == pytest.approx(1)
    images = np.zeros((1, 4, 6, 1))
    images[:, :, 5:] = 3.0  # one of five horizontal steps
    assert float(TotalVariationLoss()(images, images)) == pytest.approx(0.6)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_gradient_is_that_of_finite_differences(rng, loss, jit):
    real, made = rng.normal(size=(2, 3, 8, 8, 2))

    @tf.function(jit_compile=jit)
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = loss(real, x)
        return tape.gradient(y, x)

    direction = rng.normal(size=made.shape)
    step = 1e-6 * direction
    difference = float(loss(real, made + step) - loss(real, made - step))
    slope = np.sum(gradient(tf.constant(made)).numpy() * direction)
    assert slope == pytest.approx(difference / 2e-6, rel=1e-5)
    assert abs(slope) > 1e-3


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_losses_train_and_come_back_from_a_file(rng, tmp_path, loss):
    images = rng.normal(size=(8, 16, 16, 1))
    model = keras.Sequential(
        [keras.Input((16, 16, 1)), keras.layers.Conv2D(1, 3, padding="same")]
    )
    model.compile("adam", loss)
    history = model.fit(images, images[::-1], epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras").loss
    assert type(restored) is type(loss)
    assert restored.get_config() == loss.get_config()


@pytest.mark.parametrize(
    "loss, shape, message",
    [
        (BorderLoss(), (2, 7, 8, 1), "at least 8 pixels.*Received: .2, 7"),
        (BorderLoss(), (2, 8, 8), "must have the shape"),
        (TotalVariationLoss(), (2, 1, 8, 1), "at least 2 pixels"),
        (TotalVariationLoss(), (8, 8, 1), "must have the shape"),
    ],
)
def test_unusable_images_are_named(loss, shape, message):
    with pytest.raises(ValueError, match=message):
        loss(np.zeros(shape), np.zeros(shape))


def test_unusable_rings_are_named():
    with pytest.raises(ValueError, match="`rings` must be an integer"):
        BorderLoss(rings=0)
