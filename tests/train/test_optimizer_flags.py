"""What the flags of the optimizer do in every trainer that has them."""

import importlib

import numpy as np
import pytest

from train.engine.run import Run

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
