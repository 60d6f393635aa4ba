"""Callbacks see one training, and may stop it; it goes on bit for bit."""

import gc
import json

import keras
import numpy as np
import pytest

from train.engine import checkpoint
from train.engine.config import RunConfig
from train.engine.interruptions import Terminated
from train.engine.run import Run

STEPS = 4


class Recorder(keras.callbacks.Callback):
    """Notes what it is told, and ends the training after some steps."""

    def __init__(self, stop_after=None, error=None):
        super().__init__()
        self.told = []
        self.left = stop_after
        self.error = error

    def on_train_begin(self, logs=None):
        self.told.append("begin")

    def on_train_end(self, logs=None):
        self.told.append("end")

    def on_epoch_begin(self, epoch, logs=None):
        self.told.append((epoch, self.params["steps"], self.params["epochs"]))

    def on_train_batch_end(self, batch, logs=None):
        if self.left:
            self.left -= 1
            if self.left == 0:
                self.model.stop_training = True
                if self.error:
                    raise self.error


class Fits:
    """Counts the calls of `fit`."""

    def __init__(self, model):
        self.fit, self.calls = model.fit, []
        model.fit = self

    def __call__(self, *args, **kwargs):
        self.calls.append((kwargs["initial_epoch"], kwargs["epochs"]))
        return self.fit(*args, **kwargs)


def fit(folder, *callbacks, epochs=3, steps_per_execution=1):
    """Trains a toy; returns it and the calls of `fit`."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3, padding="same")]
    )
    model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=False)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (2 * STEPS, 4, 4, 1), dtype="uint8")
    config = RunConfig(
        workdir=str(folder),
        epochs=epochs,
        batch_size=2,
        steps_per_execution=steps_per_execution,
    )
    gc.collect()  # or a stopped run still holds the folder
    fits = Fits(model)
    Run("toy", config).fit(
        model,
        images,
        lambda: np.zeros((1, 4, 4, 1)),
        images.astype("float32") / 255,
        callbacks=callbacks,
    )
    return model, fits.calls


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return fit(tmp_path_factory.mktemp("one"))[0].get_weights()


def check(model, weights):
    for a, b in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)


def position(folder):
    return checkpoint.position(checkpoint.paths(folder / "checkpoints")[-1])


def test_all_epochs_are_one_fit(tmp_path, undisturbed):
    recorder = Recorder()
    model, calls = fit(tmp_path, recorder)
    assert calls == [(0, 3)]
    epochs = [(i, STEPS, 3) for i in range(3)]
    assert recorder.told == ["begin", *epochs, "end"]
    check(model, undisturbed)


def test_a_resumed_epoch_is_shorter_in_the_same_training(tmp_path, undisturbed):
    class Sudden(Exception):
        """Ends a program."""

    class Save(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                checkpoint.save(self.model, tmp_path / "checkpoints", 0, 3)
                raise Sudden

    with pytest.raises(Sudden):
        fit(tmp_path, Save())
    recorder = Recorder()
    model, calls = fit(tmp_path, recorder)
    assert calls == [(0, 1), (1, 3)]
    epochs = [(0, STEPS - 3, 3), (1, STEPS, 3), (2, STEPS, 3)]
    assert recorder.told == ["begin", *epochs, "end"]
    check(model, undisturbed)


@pytest.mark.slow
def test_steps_that_do_not_fit_an_epoch_take_a_fit_each(tmp_path, undisturbed):
    recorder = Recorder()
    model, calls = fit(tmp_path, recorder, steps_per_execution=3)
    assert calls == [(0, 1), (1, 2), (2, 3)]
    assert recorder.told.count("begin") == recorder.told.count("end") == 1
    check(model, undisturbed)


@pytest.mark.parametrize(
    "after, reached",
    [pytest.param(STEPS, (1, 0), marks=pytest.mark.slow), (6, (1, 2))],
)
def test_a_callback_ends_the_run_in_order(
    after, reached, tmp_path, undisturbed, capsys
):
    recorder = Recorder(stop_after=after)
    stopped = fit(tmp_path, recorder)[0].get_weights()
    assert recorder.told[-1] == "end" and position(tmp_path) == reached
    assert "A callback ended the training after epoch 1" in (
        capsys.readouterr().out
    )
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["step"] == after

    again, calls = fit(tmp_path)
    assert not calls, "The same command leaves a finished run as it is."
    check(again, stopped)
    whole = fit(tmp_path / "whole", epochs=4)[0]
    check(fit(tmp_path, epochs=4)[0], whole.get_weights())


def test_what_callbacks_do_at_the_end_is_kept(tmp_path):
    best = keras.callbacks.EarlyStopping(
        "loss", patience=0, mode="max", restore_best_weights=True
    )
    model, _ = fit(tmp_path, best)
    assert position(tmp_path) == (2, 0)
    check(fit(tmp_path)[0], model.get_weights())
    first = fit(tmp_path / "one", epochs=1)[0]
    check(model, first.get_weights())


def test_a_lower_learning_rate_outlives_the_run(tmp_path):
    lower = keras.callbacks.ReduceLROnPlateau(
        "loss", patience=1, mode="max", factor=0.5
    )
    model, _ = fit(tmp_path, lower)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.025)
    again, _ = fit(tmp_path, epochs=4)
    assert float(again.optimizer.learning_rate) == pytest.approx(0.025)
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[1])["learning_rate"] == pytest.approx(0.1)


def test_tensorboard_counts_the_steps_of_the_whole_training(tmp_path):
    from tensorflow.compat.v1.train import summary_iterator

    board = keras.callbacks.TensorBoard(tmp_path / "board", update_freq=1)
    fit(tmp_path / "run", board)
    (file,) = (tmp_path / "board" / "train").glob("*.v2")
    steps = [
        event.step
        for event in summary_iterator(str(file))
        for value in event.summary.value
        if value.tag == "batch_loss"
    ]
    assert steps == list(range(1, 3 * STEPS + 1))


@pytest.mark.slow
def test_a_stop_by_signal_is_no_end(tmp_path, undisturbed):
    recorder = Recorder(stop_after=2, error=Terminated)
    with pytest.raises(Terminated):
        fit(tmp_path, recorder)
    assert "end" not in recorder.told
    check(fit(tmp_path)[0], undisturbed)


@pytest.mark.slow
def test_a_damaged_note_of_a_stop_is_none(tmp_path, undisturbed):
    fit(tmp_path, Recorder(stop_after=STEPS))
    (tmp_path / "early_stop.json").write_text("{")
    check(fit(tmp_path)[0], undisturbed)
