"""What every layer does on the JAX backend, for `test_backends.py`.

KERAS_BACKEND=jax python tests/jax_outputs.py outputs INPUTS.npz OUTPUTS.npz
KERAS_BACKEND=jax python tests/jax_outputs.py train MODEL.keras
"""

import sys

import jax
import keras
import numpy as np
from keras import ops
from layer_cases import ALL, LAYERS, SIZES


def outputs(layer, x, weights):
    """The output; then the gradients of the squares, by input and weights."""

    def loss(x, weights):
        y, _ = layer.stateless_call(weights, [], x)
        return ops.sum(y**2), y

    (_, y), (by_input, by_weights) = jax.value_and_grad(
        loss, argnums=(0, 1), has_aux=True
    )(x, weights)
    return [y, by_input, *by_weights]


def write_outputs(source, target):
    """Each array of a layer is under `name/0`, `name/1` ...: input, weights."""
    arrays = np.load(source)
    results = {}
    for name, make_layer in ALL.items():
        x, *weights = stored(arrays, name)
        layer = make_layer()
        layer.build(x.shape)
        plain = outputs(layer, x, weights)
        compiled = jax.jit(lambda *a, layer=layer: outputs(layer, *a))
        for how, values in (
            ("eager", plain),
            ("jit", compiled(x, weights)),
        ):
            results |= {f"{name}/{how}/{i}": v for i, v in enumerate(values)}
    np.savez(target, **results)


def stored(arrays, name):
    """The arrays `name/0`, `name/1` ..., without end."""
    found = []
    while (key := f"{name}/{len(found)}") in arrays:
        found.append(arrays[key])
    return found


def train(path):
    """One step of `fit` for all layers at once, then to the file and back."""
    inputs = {
        rank: keras.Input((*SIZES[:rank], 3), name=f"rank_{rank}")
        for rank in (1, 2, 3)
    }
    made = {name: case(name=name) for name, case in ALL.items()}
    model = keras.Model(
        list(inputs.values()),
        [layer(inputs[layer.rank]) for layer in made.values()],
    )
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(2, *SIZES[:rank], 3)) for rank in inputs]
    before = {name: made[name].get_weights() for name in LAYERS}
    model.compile("sgd", ["mse"] * len(made), jit_compile=True)
    y = [np.zeros((2, *shape[1:])) for shape in model.output_shape]
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
    {"outputs": write_outputs, "train": train}[sys.argv[1]](*sys.argv[2:])
