"""Learning rates against their formulas, and a schedule that is kept."""

import dataclasses

import keras
import numpy as np
import pytest

from train.engine.config import RunConfig
from train.engine.options import UsageError
from train.engine.run import Run
from train.engine.schedule import ScheduleConfig


@dataclasses.dataclass(frozen=True)
class Config(ScheduleConfig, RunConfig):
    """Settings of a toy."""


def rates(config, steps=100):
    scheduled = config.scheduled(0.5, steps)
    if not callable(scheduled):
        return np.full(steps, scheduled)
    return np.array([float(scheduled(step)) for step in range(steps)])


def test_rates_follow_their_formulas():
    steps = np.arange(100)
    np.testing.assert_allclose(rates(Config()), 0.5)
    cosine = 0.25 * (1 + np.cos(np.pi * steps / 100))
    np.testing.assert_allclose(
        rates(Config(schedule="cosine")), cosine, atol=1e-6
    )
    exponential = 0.5 * 0.01 ** (steps / 100)
    np.testing.assert_allclose(
        rates(Config(schedule="exponential")), exponential, rtol=1e-5
    )


@pytest.mark.parametrize("schedule", ["constant", "cosine", "exponential"])
def test_a_warm_up_comes_before(schedule):
    found = rates(Config(schedule=schedule, warm_up=0.2))
    np.testing.assert_allclose(found[:20], 0.5 * np.arange(20) / 20)
    after = rates(Config(schedule=schedule), steps=80)
    np.testing.assert_allclose(found[20:], after, rtol=1e-5)


def test_more_epochs_do_not_restart_a_schedule(tmp_path):
    def begin(**settings):
        run = Run("toy", Config(workdir=str(tmp_path / "run"), **settings))
        run.log({"epoch": 1})

    begin(epochs=2, schedule="cosine")
    with pytest.raises(UsageError, match="epochs: 2 there, 3 here"):
        begin(epochs=3, schedule="cosine")
    begin(epochs=2, schedule="cosine")


def test_more_epochs_continue_a_constant_rate(tmp_path):
    for epochs in (2, 3):
        run = Run("toy", Config(workdir=str(tmp_path / "run"), epochs=epochs))
        run.log({"epoch": epochs})
        del run


def test_an_optimizer_follows_the_warm_up():
    variable = keras.Variable([1.0])
    rate = Config(schedule="cosine", warm_up=0.5).scheduled(1.0, 4)
    optimizer = keras.optimizers.SGD(rate)
    for expected in (1.0, 0.5, -0.5, -1.0):
        optimizer.apply([np.ones(1, "float32")], [variable])
        assert float(variable[0]) == pytest.approx(expected)


def test_an_optimizer_with_a_warm_up_is_read_again():
    rate = Config(schedule="cosine", warm_up=0.5).scheduled(1.0, 4)
    config = keras.optimizers.serialize(keras.optimizers.SGD(rate))
    again = keras.optimizers.deserialize(config)._learning_rate
    steps = range(4)
    assert [float(again(i)) for i in steps] == [float(rate(i)) for i in steps]
