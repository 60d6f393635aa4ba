"""Differentiable augmentation against numpy, and in the training of a GAN."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import dcgan, diff_augment
from models.diff_augment import DiffAugment
from models.gan import GAN
from train.data import augment


@pytest.fixture
def images(rng):
    return rng.uniform(-0.5, 0.5, size=(64, 6, 5, 3)).astype("float32")


def test_half_of_the_images_are_mirrored(images):
    made = np.asarray(DiffAugment(flip=True)(images))
    mirrored = [
        np.array_equal(a, b[:, ::-1]) for a, b in zip(made, images, strict=True)
    ]
    same = [np.array_equal(a, b) for a, b in zip(made, images, strict=True)]
    assert all(np.logical_xor(mirrored, same))
    assert 16 < sum(mirrored) < 48


def test_images_are_shifted_over_a_mirrored_border(images):
    made = np.asarray(DiffAugment(crop=2)(images))
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), "symmetric")
    found = {
        (row, column)
        for i in range(len(images))
        for row in range(5)
        for column in range(5)
        if np.allclose(made[i], padded[i, row : row + 6, column : column + 5])
    }
    assert len(found) > 15
    for i in range(len(images)):
        assert any(
            np.allclose(made[i], padded[i, r : r + 6, c : c + 5])
            for r, c in found
        )


def test_colours_are_those_of_the_augmentation_of_data(images, monkeypatch):
    """Which multiplies pixels from 0 to 255."""
    factors = np.random.default_rng(1).uniform(0.7, 1.3, (3, len(images)))
    made = diff_augment._recoloured(images, list(factors.astype("float32")))
    pixels = (images + 1) * 127.5

    class Drawn:
        def uniform(self, low, high, shape):
            return factors

    expected = augment.recoloured(pixels, 0.3, Drawn())
    np.testing.assert_allclose(
        np.clip((np.asarray(made) + 1) * 127.5, 0, 255), expected, atol=0.51
    )


def test_gradients_pass(images):
    change = DiffAugment(True, 1, 0.2)
    variable = tf.Variable(images)

    @tf.function(jit_compile=True)
    def gradient():
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(change(variable))
        return tape.gradient(total, variable)

    found = gradient().numpy()
    assert found.shape == images.shape and np.isfinite(found).all()
    assert (found != 0).mean() > 0.5


@pytest.mark.usefixtures("eager")
def test_real_and_generated_images_are_changed_alike(rng):
    """If all become black, the discriminator cannot tell them apart."""
    model = GAN(
        dcgan.generator(16, 3, 4, 2),
        dcgan.discriminator(16, width=2),
        augment=keras.layers.Rescaling(0.0, -1.0),
    )
    images = rng.normal(size=(4, 16, 16, 3)).astype("float32")
    judged = model(images, training=True)
    np.testing.assert_allclose(judged["real"], judged["fake"], atol=1e-6)
    np.testing.assert_allclose(judged["real"], judged["fooled"], atol=1e-6)
    judged = model(images)
    assert np.abs(judged["real"] - judged["fake"]).min() > 1e-6
