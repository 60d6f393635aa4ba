"""Several steps at once train, stop and go on as one step at a time."""

import contextlib
import gc

import keras
import numpy as np
import pytest

from train.engine import checkpoint, run
from train.engine.config import RunConfig
from train.engine.interruptions import NotFinite, Request, Terminated
from train.engine.options import UsageError

STEPS = 10


class Later(Request):
    """Is set when it has been asked for so many times."""

    def __init__(self, asked):
        super().__init__()
        self.left = asked

    def is_set(self):
        self.left -= 1
        return self.left <= 0


def fit(folder, steps_per_execution=1, rate=0.1):
    """Trains a toy for two epochs of ten steps."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3, padding="same")]
    )
    model.compile(keras.optimizers.Adam(rate), "mse")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (2 * STEPS, 4, 4, 1), dtype="uint8")
    config = RunConfig(
        workdir=str(folder),
        epochs=2,
        batch_size=2,
        steps_per_execution=steps_per_execution,
    )
    labels = images.astype("float32") / 255
    gc.collect()  # or a stopped run still holds the folder
    run.Run("toy", config).fit(
        model, images, lambda: np.zeros((1, 4, 4, 1)), labels
    )
    return model


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return fit(tmp_path_factory.mktemp("one"))


def check(model, expected):
    assert int(model.optimizer.iterations) == 2 * STEPS
    for a, b in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_several_steps_at_once_train_the_same(expected, tmp_path):
    """Though 10 steps are no multiple of 3."""
    check(fit(tmp_path, 3), expected)


@pytest.mark.slow
@pytest.mark.parametrize("asked, position", [(2, (0, 8)), (3, (1, 0))])
def test_a_stop_keeps_the_step_and_the_run_goes_on_from_it(
    asked, position, expected, tmp_path, monkeypatch
):
    """An execution is 4 steps, the last of an epoch 2; then it ends."""
    with monkeypatch.context() as patch:
        stop = contextlib.nullcontext(Later(asked))
        patch.setattr(run, "deferred_termination", lambda: stop)
        with pytest.raises(Terminated):
            fit(tmp_path, 4)
    newest = checkpoint.paths(tmp_path / "checkpoints")[-1]
    assert checkpoint.position(newest) == position
    check(fit(tmp_path, 4), expected)


def test_an_infinite_loss_is_seen_in_the_middle(tmp_path):
    with pytest.raises(NotFinite, match="at step 10 of epoch 1"):
        fit(tmp_path, 50, rate=float("inf"))


def test_no_steps_at_once_are_refused(tmp_path):
    with pytest.raises(UsageError, match="at least 1. Received: 0"):
        fit(tmp_path, 0)
