"""Steps in float16 whose gradients are too small, or too large, for it.

KERAS_BACKEND=jax python -m float16_steps
"""

import keras
import numpy as np
from keras import ops

from models.gan import GAN
from models.super_resolution import SuperResolution, super_resolution

EAGERLY = keras.backend.backend() == "tensorflow"  # quicker for few steps
FAINT = 2.0**-24  # gradients of a loss so small vanish in float16


def gan():
    """A GAN of dense layers, and its images."""
    dense = keras.layers.Dense
    generator = keras.Sequential(
        [keras.Input((4,)), dense(8, "relu"), dense(12, dtype="float32")],
        name="generator",
    )
    discriminator = keras.Sequential(
        [keras.Input((12,)), dense(8, "relu"), dense(1, dtype="float32")],
        name="discriminator",
    )
    model = GAN(generator, discriminator)
    model.compile_adam(run_eagerly=EAGERLY)
    return model, (np.random.default_rng(0).normal(size=(6, 12)),)


def enlarger():
    """A super-resolution, and its pictures."""
    model = SuperResolution(super_resolution(2, width=2, blocks=1))
    model.compile("adam", run_eagerly=EAGERLY)
    rng = np.random.default_rng(0)
    return model, tuple(rng.uniform(-1, 1, (2, n, n, 3)) for n in (8, 16))


MODELS = (gan, enlarger)


def begun(make, scale, faintness=1.0):
    """A model before its first step, with a loss scale, and its data."""
    keras.utils.set_random_seed(0)
    model, data = make()
    data = tuple(array.astype("float32") for array in data)
    model(data[0])
    model.optimizer.build(model.trainable_variables)
    model.optimizer.dynamic_scale.assign(scale)
    compute = model.compute_loss
    model.compute_loss = lambda *args, **kwargs: (
        faintness * compute(*args, **kwargs)
    )
    return model, data


def momentums(make, scale, faintness=1.0):
    """The moments that one step gives the kernels, a tenth of the gradients."""
    model, data = begun(make, scale, faintness)
    model.train_on_batch(*data)
    return [
        ops.convert_to_numpy(variable).copy()
        for variable in model.optimizer.variables
        if variable.path.endswith("kernel_momentum")
    ]


def check_small(make):
    """Gradients of a faint loss are those of the loss, but as faint."""
    expected = momentums(make, 2.0**8)
    found = momentums(make, 2.0**15, FAINT)
    lost = momentums(make, 1.0, FAINT)
    for small, large in zip(found, expected, strict=True):
        error = np.linalg.norm(small / FAINT - large) / np.linalg.norm(large)
        assert error < 0.02, error
    assert any(not array.any() for array in lost)  # so it can fail


def check_large(make):
    """A step that overflows changes no weight and halves the scale."""
    model, data = begun(make, 2.0**60)
    scaler = model.optimizer

    def state():
        learned = [
            *model.trainable_variables,
            *scaler.inner_optimizer.variables,
        ]
        return [ops.convert_to_numpy(variable).copy() for variable in learned]

    before = state()
    metrics = model.train_on_batch(*data, return_dict=True)
    assert all(np.isfinite(value) for value in metrics.values()), metrics
    for a, b in zip(state(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    assert float(scaler.dynamic_scale) == 2.0**59
    scaler.dynamic_scale.assign(2.0**8)
    model.train_on_batch(*data)
    moved = [(a != b).any() for a, b in zip(state(), before, strict=True)]
    assert all(moved[: len(model.trainable_variables)])


if __name__ == "__main__":
    keras.config.set_dtype_policy("mixed_float16")
    for checked in MODELS:
        check_small(checked)
        check_large(checked)
    print("checked on", keras.backend.backend())
