"""What every layer does on the JAX backend, for `test_backends.py`.

KERAS_BACKEND=jax python -m jax_outputs INPUTS.npz OUTPUTS.npz MODEL.keras
"""

import functools
import sys

import jax
import keras
import numpy as np
from keras import ops
from layer_cases import (
    ALL,
    KINDS,
    LAYERS,
    UPSAMPLINGS,
    example,
    network,
    skip_of,
    smallest,
)
from numbered_arrays import numbered, stored


def outputs(layer, x, weights, **target):
    """As `layer_checks.outputs`, a function of the weights too."""

    def loss(x, weights):
        y, _ = layer.stateless_call(weights, [], x, **target)
        return ops.sum(y**2), y

    (_, y), (by_input, by_weights) = jax.value_and_grad(
        loss, argnums=(0, 1), has_aux=True
    )(x, weights)
    return [y, by_input, *by_weights]


def write_outputs(source, target):
    """Each array of a layer is under `name/0`, `name/1` ...: input, weights.

    Without compiling, one layer of each kind: JAX then compiles each operation;
    and of these those that upsample to the sizes of another array.
    """
    arrays = np.load(source)
    results = {}
    for name, make_layer in ALL.items():
        x, *weights = stored(arrays, name)
        layer = make_layer()
        layer.build(x.shape)
        layer.set_weights(weights)
        compiled = jax.jit(functools.partial(outputs, layer))
        values = compiled(x, weights)
        results |= numbered(name, values)
        if name in KINDS:
            results[f"eager {name}/0"] = layer(x)
        if name in KINDS and name in UPSAMPLINGS:
            like = skip_of(layer, smallest(layer, x)[0])
            values = compiled(x, weights, like=like)
            results |= numbered(f"cut {name}", values)
    np.savez(target, **results)


def train(path):
    """One step of `fit` for a layer of each kind, then to the file and back."""
    cases = {name: ALL[name] for name in KINDS}
    model, made = network(cases)
    rng = np.random.default_rng(0)
    x = [example(rng, case) for case in cases.values()]
    y = {name: np.zeros(z.shape) for name, z in model(x).items()}
    before = {name: made[name].get_weights() for name in LAYERS & made.keys()}
    model.compile("sgd", dict.fromkeys(made, "mse"), jit_compile=True)
    model.fit(x, y, verbose=0)
    for name, weights in before.items():
        for old, new in zip(weights, made[name].get_weights(), strict=True):
            assert np.abs(old - new).max() > 0, name

    model.save(path)
    restored = keras.models.load_model(path)
    for name, layer in made.items():
        twin = restored.get_layer(name)
        assert twin.get_config() == layer.get_config()
        for old, new in zip(
            layer.get_weights(), twin.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(old, new)


if __name__ == "__main__":
    source, target, model = sys.argv[1:]
    write_outputs(source, target)
    train(model)
