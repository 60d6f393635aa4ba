"""The share of its time that a training waits for batches is measured."""

import json
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from train.config import RunConfig
from train.run import Run
from train.throughput import WaitingTime

STEPS = 10


def slow(seconds, batches=2 * STEPS):
    """A dataset that takes a known time for each batch."""

    def batch(number):
        time.sleep(seconds)
        return np.zeros((2, 4, 4, 1), "float32")

    def known(number):
        batches = tf.numpy_function(batch, [number], tf.float32)
        return tf.ensure_shape(batches, (2, 4, 4, 1))

    return tf.data.Dataset.range(batches).map(known)


def take(dataset, busy=0.02):
    """Takes all batches; returns the seconds spent in waiting for them."""
    waited, iterator = 0, iter(dataset)
    for _ in range(2 * STEPS):
        began = time.perf_counter()
        next(iterator)
        waited += time.perf_counter() - began
        time.sleep(busy)
    return waited


@pytest.mark.parametrize("seconds, ahead", [(0.03, 0), (0.03, 1), (0.001, 4)])
def test_whoever_takes_batches_is_timed(seconds, ahead):
    """Who works meanwhile waits for the rest of the time only."""
    waiting = WaitingTime()
    waited = take(waiting.of(slow(seconds).prefetch(ahead)))
    assert waiting.seconds <= waited
    assert waiting.seconds == pytest.approx(waited, abs=0.25)  # busy machines
    least = seconds - 0.02 * bool(ahead)
    assert waiting.seconds > 0.9 * 2 * STEPS * least


def test_batches_and_their_number_stay_the_same():
    dataset = tf.data.Dataset.range(6).map(lambda n: (n, {"twice": 2 * n}))
    timed = WaitingTime().of(dataset)
    assert timed.cardinality() == 6
    assert timed.element_spec == dataset.element_spec
    assert list(timed.as_numpy_iterator()) == list(dataset.as_numpy_iterator())


@pytest.mark.parametrize("seconds, least, most", [(0.05, 0.45, 2), (0, 0, 0.3)])
def test_a_run_logs_the_share(tmp_path, seconds, least, most):
    """The second of two epochs of 10 steps; the first compiles."""
    config = RunConfig(workdir=str(tmp_path), epochs=2, batch_size=2)
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(1))
    model.compile("sgd", "mse")
    targets = tf.data.Dataset.from_tensors(np.zeros((2, 1))).repeat()
    Run("toy", config).fit_dataset(
        model,
        lambda first, last: tf.data.Dataset.zip(slow(seconds), targets),
        STEPS,
        lambda: np.zeros((1, 4, 4, 1)),
    )
    text = (tmp_path / "metrics.jsonl").read_text().splitlines()
    metrics = json.loads(text[-1])
    whole = STEPS * config.batch_size / metrics["images_per_second"]
    assert least <= metrics["wait_share"] * whole <= most
    assert metrics["wait_share"] <= 1
