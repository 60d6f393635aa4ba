"""Truncated styles, against their formula."""

import keras
import numpy as np
import pytest

from models import dcgan, latent, stylegan2
from tfupsample.errors import UnusableInput
from tfupsample.pretrained.truncation import truncated


@pytest.fixture
def generator():
    return stylegan2.generator(8, 3, 4, 2, 4)


@pytest.fixture
def latents(rng):
    return rng.normal(size=(6, 4)).astype("float32")


def styles(generator, latents):
    return generator.get_layer("mapping")(latents).numpy()


def test_styles_go_to_their_mean_by_the_factor(generator, latents):
    before = styles(generator, latents)
    mean = styles(truncated(generator, 0.0), latents)
    np.testing.assert_allclose(mean, mean[:1].repeat(6, axis=0))
    half = styles(truncated(generator, 0.5), latents)
    np.testing.assert_allclose(half, (mean + before) / 2, atol=1e-5)

    many = np.random.default_rng(7).normal(size=(4096, 4)).astype("float32")
    expected = styles(generator, many).mean(axis=0)
    np.testing.assert_allclose(mean[0], expected, atol=0.1 * before.std())


def test_pictures_are_those_of_the_styles(generator, latents):
    half = truncated(generator, 0.5)
    each = np.repeat(styles(half, latents)[:, None], 3, axis=1)
    np.testing.assert_allclose(
        half(latents), generator.get_layer("synthesis")(each), atol=1e-5
    )
    np.testing.assert_allclose(
        truncated(generator, 1.0)(latents), generator(latents), atol=1e-5
    )
    assert truncated(generator, 0.0)(latents).numpy().std(axis=0).max() < 1e-6


def test_a_truncated_generator_has_the_same_latent_spaces(generator, rng):
    spaces = latent.spaces(truncated(generator, 0.5))
    assert spaces.keys() == {"z", "w"}
    wide = latent.spaces(generator)["w"].sample(64, np.random.default_rng(1))
    near = spaces["w"].sample(64, np.random.default_rng(1))
    np.testing.assert_allclose(
        near.std(axis=0), wide.std(axis=0) / 2, rtol=1e-4
    )


def test_other_generators_are_refused():
    with pytest.raises(UnusableInput, match="Truncation needs a StyleGAN2"):
        truncated(dcgan.generator(8, 3, 4, 2), 0.5)
    conditional = stylegan2.generator(8, 3, 4, 2, 4, classes=2)
    with pytest.raises(UnusableInput, match="of latents alone"):
        truncated(conditional, 0.5)


def test_a_truncated_generator_is_saved(generator, latents, tmp_path):
    half = truncated(generator, 0.5)
    half.save(tmp_path / "half.keras")
    again = keras.models.load_model(tmp_path / "half.keras")
    np.testing.assert_allclose(again(latents), half(latents), atol=1e-6)
