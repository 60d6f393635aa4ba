"""What the flags of the optimizer do in every trainer that has them."""

import dataclasses
import importlib

import keras
import numpy as np
import pytest

from train import dcgan
from train.engine import devices
from train.engine.config import RunConfig
from train.engine.optimizer import OptimizerConfig
from train.engine.options import UsageError
from train.engine.run import Run


@dataclasses.dataclass(frozen=True)
class Config(OptimizerConfig, RunConfig):
    """Settings of a toy."""


TRAINERS = (
    *("autoencoder", "dcgan"),
    pytest.param("stylegan2", marks=pytest.mark.slow),
)
RATE = 0.004


class Begun(Exception):
    """Instead of training, with the model."""


@pytest.fixture
def optimizers(photos, tmp_path, monkeypatch):
    """Returns a function: a trainer's optimizers, and its number of steps."""

    def begin(run, model, images, *_, **__):
        size, epochs = run.config.batch_size, run.config.epochs
        raise Begun(model, len(images) // size * epochs)

    monkeypatch.setattr(Run, "fit", begin)

    def of(name, **settings):
        trainer = importlib.import_module(f"train.{name}")
        config = trainer.Config(
            workdir=str(tmp_path / "run"),
            dataset="folder",
            data_dir=str(photos),
            image_size=16,
            batch_size=4,
            epochs=2,
            width=2,
            learning_rate=RATE,
            **settings,
        )
        with pytest.raises(Begun) as begun:
            trainer.train(config)
        model, steps = begun.value.args
        optimizer = model.optimizer
        optimizer.build(model.trainable_variables)
        return getattr(optimizer, "optimizers", [optimizer]), steps

    return of


def alike(settings, name):
    """Settings that make the trainers alike, and quick."""
    few = {} if name == "autoencoder" else {"samples": 16}
    rate = {"discriminator_learning_rate": RATE} if name == "stylegan2" else {}
    return settings | few | rate


@pytest.mark.parametrize("name", TRAINERS)
def test_a_schedule_ends_with_the_training(name, optimizers):
    settings = {"schedule": "cosine", "warm_up": 0.5}
    found, steps = optimizers(name, **alike(settings, name))
    assert len(found) == (1 if name == "autoencoder" else 2)
    for optimizer in found:
        rate = optimizer._learning_rate
        rates = [float(rate(share * steps)) for share in (0.25, 0.5, 0.75, 1)]
        expected = np.multiply(RATE, [0.5, 1, 0.5, 0])
        np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("name", TRAINERS)
def test_gradients_are_clipped_and_accumulated(name, optimizers):
    settings = {"clip_norm": 0.5, "accumulate": 2}
    found, _ = optimizers(name, **alike(settings, name))
    for optimizer in found:
        assert optimizer.global_clipnorm == 0.5
        assert optimizer.gradient_accumulation_steps == 2


def weights(config, batch_size):
    """Trains two layers, each with an Adam of its own, as a GAN's networks."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, name="first"),
            keras.layers.Dense(1, name="second"),
        ]
    )
    adams = {
        name: keras.optimizers.Adam(
            0.1, name=name, **config.gradient_arguments()
        )
        for name in ("first", "second")
    }
    model.compile(
        keras.optimizers.MultiOptimizer(lambda v: adams[v.path.split("/")[-2]]),
        "mse",
        jit_compile=False,
    )
    x = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    model.fit(x, y, batch_size, 2, shuffle=False, verbose=0)
    return np.concatenate([w.ravel() for w in model.get_weights()])


@pytest.mark.parametrize("clip_norm", [0.0, 0.5])
def test_accumulated_batches_are_one_large_batch(clip_norm):
    whole = weights(Config(clip_norm=clip_norm), 8)
    parts = weights(Config(clip_norm=clip_norm, accumulate=4), 2)
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    if clip_norm:  # and clipping does something
        assert np.abs(whole - weights(Config(), 8)).max() > 1e-3


def test_tensorflow_accumulates_on_one_device():
    config = Config(accumulate=2, num_devices=2, batch_size=4, device="cpu")
    with pytest.raises(UsageError, match="--num_devices=1.*KERAS_BACKEND=jax"):
        with devices.placed(config):
            pass


@pytest.mark.parametrize("batch_size", [16, 64])
def test_averages_come_half_as_close_in_their_halflife(batch_size):
    """Weights that stand still at 1, averages that start at 0."""
    config = dcgan.Config(ema_halflife=640, batch_size=batch_size)
    average = 0.0
    for _ in range(640 // batch_size):
        average += (1 - config.averages_momentum()) * (1 - average)
    assert average == pytest.approx(0.5)


def test_a_gan_averages_as_it_is_told():
    config = dcgan.Config(ema_halflife=64, batch_size=64, image_size=8, width=2)
    assert dcgan.build(config, 3).momentum == 0.5
    assert dcgan.Config(momentum=0.9).averages_momentum() == 0.9
    both = dataclasses.replace(config, momentum=0.9)
    with pytest.raises(UsageError, match="Leave one of them out"):
        dcgan.build(both, 3)
