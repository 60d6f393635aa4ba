"""Patterns that are planted while a model trains are logged and announced."""

import keras
import numpy as np
import pytest

from tfupsample import ArtifactMonitor
from tfupsample.measures.artifacts import coherent_score, peak_prominence

SIDE = 16


class Plant(keras.callbacks.Callback):
    """Gives the 2×2 taps of a transposed convolution other sums each epoch."""

    def __init__(self, *patterns):
        super().__init__()
        self.patterns = patterns

    def on_epoch_begin(self, epoch, logs=None):
        kernel = np.ones((2, 2, 1, 1))
        kernel[0, 0] += self.patterns[epoch]
        self.model.layers[-1].kernel.assign(kernel)


def fit(monitor, *patterns):
    """Returns the history of a model that learns nothing, and the model."""
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            keras.layers.Conv2DTranspose(1, 2, 2, use_bias=False),
        ]
    )
    model.compile(keras.optimizers.SGD(0.0), "mse", jit_compile=False)
    x, y = np.zeros((2, SIDE, SIDE, 1)), np.zeros((2, 2 * SIDE, 2 * SIDE, 1))
    history = model.fit(
        *(x, y),
        epochs=len(patterns),
        verbose=0,
        callbacks=[Plant(*patterns), monitor],
    )
    return history.history, model


@pytest.fixture
def noise():
    rng = np.random.default_rng(1)
    return 5 + rng.normal(size=(64, SIDE, SIDE, 1)).astype("float32")


def test_what_is_logged_is_measured_on_what_the_model_makes(noise):
    history, model = fit(ArtifactMonitor(noise), 0.0, 0.5)
    images = model.predict(noise, verbose=0)
    assert history["coherent_score_2"][1] == coherent_score(images, 2)
    prominence = peak_prominence(images, 2).mean
    assert history["prominence_db_2"][1] == prominence
    assert history["coherent_score_2"][0] < 1e-6
    assert not any("_4" in name for name in history), "the layer writes only 2"


def test_a_function_of_the_model_and_periods_can_be_given(noise):
    monitor = ArtifactMonitor(lambda model: 2 * model(noise), [4, 2])
    history, model = fit(monitor, 0.5)
    images = 2 * model.predict(noise, verbose=0)
    for period in (2, 4):
        np.testing.assert_allclose(
            history[f"coherent_score_{period}"],
            coherent_score(images, period),
            rtol=1e-5,
        )


@pytest.mark.parametrize(
    "patterns, epoch",
    [
        ((0, 0, 0, 0), None),
        ((0, 0.5, 0.5, 0.5), 3),  # two epochs in a row
        ((0, 0.5, 0, 0.5), None),  # it went away at once
        ((1.0, 0, 1.0, 1.0), 4),  # against the lowest, not the first value
        ((0.5, 0.5, 0.5), None),  # it was there before and does not grow
    ],
)
def test_a_pattern_that_grows_is_announced_once(noise, patterns, epoch, capsys):
    fit(ArtifactMonitor(noise), *patterns)
    lines = capsys.readouterr().out.split("\n")
    said = [line for line in lines if "a pattern of period 2 grows" in line]
    assert len(said) == (epoch is not None)
    assert not said or said[0].startswith(f"Epoch {epoch}: ")


def test_pictures_too_small_for_decibels_have_a_coherent_score():
    noise = np.random.default_rng(1).normal(size=(8, 4, 4, 1))
    monitor = ArtifactMonitor(
        lambda model: np.repeat(np.repeat(noise, 2, 1), 2, 2)
    )
    history, _ = fit(monitor, 0.0)
    assert "coherent_score_2" in history and "prominence_db_2" not in history


def test_a_diverging_model_is_left_to_others(noise):
    monitor = ArtifactMonitor(lambda model: np.full((2, 32, 32, 1), np.nan))
    history, _ = fit(monitor, 0.0, 0.0)
    assert set(history) == {"loss"}


def test_a_model_of_parts_is_read(noise):
    """A subclass that cannot be called at all, as GANs may be."""

    class Wrapper(keras.Model):
        def __init__(self, generator):
            super().__init__()
            self.generator = generator

        def train_step(self, *_):
            return {"loss": 0.0}

    generator = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            keras.layers.Conv2DTranspose(1, 4, 4),
        ]
    )
    model = Wrapper(generator)
    model.compile(run_eagerly=True)
    monitor = ArtifactMonitor(lambda model: model.generator(noise))
    logs = {}
    monitor.set_model(model)
    monitor.on_epoch_end(0, logs)
    assert {"coherent_score_4", "prominence_db_4"} == logs.keys()


def test_what_cannot_be_used_is_refused():
    with pytest.raises(ValueError, match="`periods`.*2.*Received: 1"):
        ArtifactMonitor(np.zeros((1, 8)), [1])
    monitor = ArtifactMonitor(np.zeros((2, 3)))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="a function of the model"):
        model.fit(
            np.zeros((2, 3)), np.zeros((2, 1)), verbose=0, callbacks=[monitor]
        )
