"""The same numbers on JAX as on TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from layer_cases import ALL, example
from layer_checks import assert_close, outputs

VALUES, GRADIENTS = 2e-6, 1e-5  # largest error over the largest value


def on_jax(*args):
    """Runs `jax_outputs.py`, which has to be a process of its own."""
    tests = Path(__file__).parents[1]
    settings = {
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": str(tests.parent),
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compile sooner
    }
    result = subprocess.run(
        [sys.executable, tests / "jax_outputs.py", *args],
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Arrays of both backends under `name/0`, `name/1` ...

    On JAX under `name/eager/0`, `name/jit/0` ...
    """
    rng = np.random.default_rng(0)
    inputs, expected = {}, {}
    for name, make_layer in ALL.items():
        layer, x = make_layer(), example(rng, make_layer)
        layer.build(x.shape)
        inputs |= numbered(name, [x, *layer.get_weights()])
        expected |= numbered(name, outputs(layer, tf.constant(x)))
    folder = tmp_path_factory.mktemp("jax")
    np.savez(folder / "inputs.npz", **inputs)
    on_jax("outputs", folder / "inputs.npz", folder / "outputs.npz")
    return expected, dict(np.load(folder / "outputs.npz"))


def numbered(name, arrays):
    return {f"{name}/{i}": np.asarray(a) for i, a in enumerate(arrays)}


def of(name, arrays):
    """The output, and the gradients."""
    found = [a for key, a in arrays.items() if key.rpartition("/")[0] == name]
    return found[:1], found[1:]


@pytest.mark.parametrize("how", ["eager", "jit"])
@pytest.mark.parametrize("name", ALL)
def test_jax_computes_what_tensorflow_computes(name, how, results):
    (y, gradients), (jax_y, jax_gradients) = (
        of(key, arrays) for key, arrays in zip((name, f"{name}/{how}"), results)
    )
    assert_close(jax_y, y, VALUES)
    assert_close(jax_gradients, gradients, GRADIENTS)


def test_every_layer_trains_and_is_restored_on_jax(tmp_path):
    on_jax("train", tmp_path / "model.keras")
