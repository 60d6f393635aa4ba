"""`--init_from` begins a training with the weights of another network."""

import keras
import numpy as np
import pytest

from models import dcgan
from models.gan import GAN
from models.stylegan2 import generator as style_generator
from tfupsample.pretrained.weights import copy_weights
from train import (
    autoencoder,
    classifier,
    factors,
    segmentation,
    style_transfer,
    stylegan2,
    super_resolution,
)
from train import dcgan as dcgan_trainer
from train.engine.options import UsageError
from train.networks.load import (
    DISCRIMINATOR,
    InitConfig,
    initialise,
    initialise_gan,
)


def config(source):
    return InitConfig(init_from=str(source))


@pytest.mark.parametrize(
    "trainer",
    [
        autoencoder,
        classifier,
        dcgan_trainer,
        factors,
        segmentation,
        style_transfer,
        stylegan2,
        super_resolution,
    ],
)
def test_every_trainer_has_the_flag(trainer):
    assert trainer.Config(init_from="x").init_from == "x"


def test_weights_of_a_shipped_model_are_taken():
    network = dcgan.generator(32, width=32, kernel_size=3)
    start = network.get_weights()
    initialise(network, config(""))  # nothing named, nothing done
    for before, now in zip(start, network.get_weights()):
        np.testing.assert_array_equal(before, now)
    initialise(network, config("dcgan_cifar10_nearest"))
    drawn = network(np.ones((1, 100), "float32"))
    assert np.std(drawn) > 0.1  # untrained it is nearly grey


@pytest.mark.slow
def test_copies_match_layers_whatever_their_names(tmp_path):
    """More than ten of a class, so that names do not sort as they count."""
    first, second = (
        style_generator(16, latent_dim=4, width=1, widest=2) for _ in range(2)
    )
    for i, weight in enumerate(first.weights):
        weight.assign(keras.random.normal(weight.shape, seed=i))
    first.save(tmp_path / "generator.keras")
    initialise(second, config(tmp_path / "generator.keras"))
    z = np.ones((1, 4), "float32")
    np.testing.assert_allclose(first(z), second(z), rtol=1e-5, atol=1e-5)


def test_a_copy_in_another_precision_has_the_same_weights():
    network = dcgan.generator(8, width=2)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        other = dcgan.generator(8, width=2)
    finally:
        keras.config.set_dtype_policy("float32")
    copy_weights(network, other)
    for a, b in zip(network.get_weights(), other.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_both_networks_of_a_gan_and_its_averages_begin_there(tmp_path, capsys):
    first, second = (
        GAN(dcgan.generator(8, width=2), dcgan.discriminator(8, width=2))
        for _ in range(2)
    )
    first.generator.save(tmp_path / "generator.keras")
    start = second.discriminator.get_weights()
    initialise_gan(second, config(tmp_path))
    assert "no discriminator" in capsys.readouterr().out
    for a, b in zip(second.discriminator.get_weights(), start):
        np.testing.assert_array_equal(a, b)

    (tmp_path / "training").mkdir()
    first.discriminator.save(tmp_path / DISCRIMINATOR)
    initialise_gan(second, config(tmp_path))
    assert not capsys.readouterr().out
    for a, b in zip(first.weights, second.weights):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(second.averages, first.generator.trainable_variables):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "source, message",
    [
        ("dcgan_cifar10_deconv", "do not fit generator"),
        ("classifier_cifar10", "do not fit generator"),
        ("dcgan_cifar10_nearst", "Did you mean dcgan_cifar10_nearest"),
        ("nothing.keras", "There is no file"),
        (".", "as a finished run does"),
    ],
)
def test_what_does_not_fit_is_named(source, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = dcgan.generator(32, width=32)
    before = network.get_weights()
    with pytest.raises(UsageError, match=message):
        initialise(network, config(source))
    for a, b in zip(before, network.get_weights()):
        np.testing.assert_array_equal(a, b)
