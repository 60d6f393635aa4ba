"""With `enable_op_determinism`, training repeats bit for bit."""

import inspect

import processes
import pytest

# By default `test_interruptions` trains a DCGAN twice to the same bit.
pytestmark = pytest.mark.slow


def train(seed):
    """Returns a digest of the weights after a few steps, on any device."""
    import hashlib

    import keras
    import numpy as np
    import tensorflow as tf

    from tfupsample import ResizeConv2D, SubpixelConv2D

    keras.utils.set_random_seed(int(seed))
    tf.config.experimental.enable_op_determinism()
    nearest = {"implementation": "phase", "activation": "relu"}
    model = keras.Sequential(
        [
            ResizeConv2D(8, **nearest),
            ResizeConv2D(8, 5, pad_mode="reflect", activation="relu"),
            ResizeConv2D(8, interpolation="bilinear", activation="relu"),
            SubpixelConv2D(3),
        ]
    )
    model.compile("adam", "mse", jit_compile=False)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 3, 3, 8)).astype("float32")
    y = rng.normal(size=(8, 48, 48, 3)).astype("float32")
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    weights = b"".join(w.tobytes() for w in model.get_weights())
    return hashlib.sha256(weights).hexdigest()


@pytest.fixture(scope="module")
def digests():
    """Of two processes with the same seed, and of one with another."""
    code = inspect.getsource(train) + "import sys; print(train(sys.argv[1]))"
    results = [processes.run("-c", code, seed) for seed in (1, 1, 2)]
    return [result.stdout.strip() for result in results]


def test_training_repeats_bit_for_bit(digests):
    first, second, _ = digests
    assert len(first) == 64
    assert first == second


def test_another_seed_trains_otherwise(digests):
    _, second, third = digests
    assert len(third) == 64
    assert second != third
