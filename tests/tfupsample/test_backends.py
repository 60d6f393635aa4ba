"""The same numbers on JAX as on TensorFlow."""

import numpy as np
import processes
import pytest
import tensorflow as tf
from layer_cases import ALL, KINDS, UPSAMPLINGS, example, skip_of, smallest
from layer_checks import assert_close, outputs
from numbered_arrays import numbered, stored

VALUES, GRADIENTS = 2e-6, 1e-5  # largest error over the largest value

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Arrays of both backends under `name/0`, `name/1` ..."""
    rng = np.random.default_rng(0)
    inputs, expected = {}, {}
    for name, make_layer in ALL.items():
        layer, x = make_layer(), example(rng, make_layer)
        layer.build(x.shape)
        inputs |= numbered(name, [x, *layer.get_weights()])
        expected |= numbered(name, outputs(layer, tf.constant(x)))
        if name in KINDS and name in UPSAMPLINGS:
            like = skip_of(layer, smallest(layer, x)[0])
            arrays = outputs(layer, tf.constant(x), like=like)
            expected |= numbered(f"cut {name}", arrays)
    folder = tmp_path_factory.mktemp("jax")
    np.savez(folder / "inputs.npz", **inputs)
    names = ("inputs.npz", "outputs.npz", "model.keras")
    paths = [folder / name for name in names]
    environment = {"KERAS_BACKEND": "jax", **processes.COMPILE_SOON}
    ended = processes.run("-m", "jax_outputs", *paths, **environment)
    return ended, expected, dict(np.load(paths[1]))


def of(name, arrays):
    """The output, and the gradients."""
    found = stored(arrays, name)
    return found[:1], found[1:]


@pytest.mark.parametrize(
    "name", [name for name in KINDS if name in UPSAMPLINGS]
)
def test_jax_cuts_off_what_tensorflow_cuts_off(name, results):
    _, expected, found = results
    y, gradients = of(f"cut {name}", expected)
    jax_y, jax_gradients = of(f"cut {name}", found)
    assert_close(jax_y, y, VALUES)
    assert_close(jax_gradients, gradients, GRADIENTS)


@pytest.mark.parametrize("name", ALL)
def test_jax_computes_what_tensorflow_computes(name, results):
    """Output and gradients compiled, and some outputs without compiling."""
    _, expected, found = results
    y, gradients = of(name, expected)
    jax_y, jax_gradients = of(name, found)
    assert_close(jax_y, y, VALUES)
    assert_close(jax_gradients, gradients, GRADIENTS)
    eager, _ = of(f"eager {name}", found)
    assert len(eager) == (name in KINDS)
    assert_close(eager, y[: len(eager)], VALUES)


def test_layers_train_and_are_restored_on_jax(results):
    assert results[0].returncode == 0, results[0].stderr
