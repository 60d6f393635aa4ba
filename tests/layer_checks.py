"""The lists that every public layer and every upsampler pass."""

import contextlib
import functools
import inspect
import itertools

import keras
import numpy as np
import tensorflow as tf

from tfupsample import PAD_MODES
from tfupsample.inspection.gains import upsampling_gains

# Largest error over the largest value, for outputs and for gradients: a few
# roundings, of 6e-8, 5e-4 and 4e-3. TensorFlow on CPU needs more of the last:
# it adds up the gradient of a bias in bfloat16.
TOLERANCE = {
    "float32": 1e-5,
    # Without oneDNN, TensorFlow sums the gradient of a kernel over all pixels
    # in 16 bits: the error was up to 5e-3 with random weights.
    "mixed_float16": 8e-3,
    "mixed_bfloat16": 6e-2,
}


def check_layer(make_layer, x):
    """Asserts that a layer infers shapes and keeps dtypes, in graphs too.

    Args:
        make_layer: Function of keyword arguments of `keras.layers.Layer` that
            returns a new layer, its own arguments at other values than their
            defaults, or the config check proves nothing.
        x: Example input, float32.
    """
    layer = make_layer()
    expected = outputs(layer, tf.constant(x))
    assert layer.compute_output_shape(x.shape) == expected[0].shape
    check_config(layer)
    check_unknown_sizes(make_layer, layer, x, expected)
    for dtype in TOLERANCE:
        check_computed(outputs, twin(make_layer, layer, x, dtype), x, expected)


def twin(make_layer, layer, x, dtype):
    """The same layer with another dtype."""
    made = make_layer(dtype=dtype)
    made.build(x.shape)
    made.set_weights(layer.get_weights())
    return made


def outputs(layer, x, **target):
    """Its output; then the gradients of the squares, by input and weights."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, **target)
        loss = tf.reduce_sum(tf.cast(y, "float32") ** 2)
    weights = [v.value for v in layer.trainable_variables]
    return [y, *tape.gradient(loss, [x, *weights])]


def check_compiled(layer, x, expected):
    """By XLA."""
    check_computed(tf.function(outputs, jit_compile=True), layer, x, expected)


def check_computed(run, layer, x, expected):
    """What `outputs` returns, run in some way."""
    policy = layer.dtype_policy
    y, *gradients = run(layer, tf.constant(x))
    assert y.dtype == policy.compute_dtype
    assert all(g.dtype == policy.variable_dtype for g in gradients)
    assert_close([y, *gradients], expected, TOLERANCE[policy.name])


def assert_close(actual, expected, tolerance):
    for a, b in zip(actual, expected, strict=True):
        b = np.asarray(b)
        error = np.abs(np.asarray(a, b.dtype) - b).max() / np.abs(b).max()
        assert error <= tolerance


def check_config(layer):
    arguments = {
        name
        for base in type(layer).__mro__
        if base.__module__.startswith("tfupsample")
        for name in inspect.signature(base.__init__).parameters
    } - {"self", "kwargs", "args"}
    config = layer.get_config()
    assert arguments <= config.keys(), f"lost: {arguments - config.keys()}"
    assert type(layer).from_config(config).get_config() == config


def unknown_sizes(layer, x):
    """The shape of `x`, of which only rank and channels are known."""
    channel_axis = getattr(layer, "channel_axis", -1)
    shape = [None] * x.ndim
    shape[channel_axis] = x.shape[channel_axis]
    return shape


def graph(layer, x):
    """`outputs` as a graph of unknown sizes."""
    return tf.function(
        functools.partial(outputs, layer),
        input_signature=[tf.TensorSpec(unknown_sizes(layer, x), x.dtype)],
        autograph=False,
    )


def check_unknown_sizes(make_layer, layer, x, expected):
    """In a graph of float64, where Keras makes integers of 64 bits too."""
    shape = layer.compute_output_shape(tuple(unknown_sizes(layer, x)))
    axis = getattr(layer, "channel_axis", -1)
    assert shape[axis] == expected[0].shape[axis]
    assert {*shape} == {None, shape[axis]}
    x = x.astype("float64")
    with floatx("float64"):
        same = make_layer()
        same.build(x.shape)
        same.set_weights(layer.get_weights())
        actual = graph(same, x)(x)
    assert all(a.dtype == "float64" for a in actual)
    assert_close(actual, expected, TOLERANCE["float32"])


@contextlib.contextmanager
def floatx(dtype):
    """As for a program that sets it at its start, before its first layer."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


EXPOSED = {
    "filters": "the number of output channels",
    "kernel_size": "the taps along each axis of the kernel",
    "kernel": "the weight, `(*kernel_size, ..., ...)`",
}
"""What models read of an upsampler, and what it means."""


def check_upsampler(name, make):
    """Asserts that an upsampler can stand for any other in a model.

    Args:
        name: Its key in `UPSAMPLERS`.
        make: Function of `filters`, `kernel_size`, `scale`, `pad_mode` and
            arguments of `keras.layers.Conv2D`: `make_upsampler`, its name set.
    """
    arguments = {
        "filters": 5,
        "kernel_size": 4,
        "scale": 3,
        "activation": "relu",
    }
    layer, biased = make(use_bias=False, **arguments), make(**arguments)
    y, _ = (one(np.ones((2, 4, 3, 2), "float32")) for one in (layer, biased))
    assert y.shape == (2, 12, 9, 5), (
        f"{name!r} makes {tuple(y.shape)} of (2, 4, 3, 2); with filters=5 and "
        "scale=3 it must make (2, 12, 9, 5)."
    )
    for attribute, meaning in EXPOSED.items():
        assert hasattr(layer, attribute), (
            f"The layer of {name!r} lacks `{attribute}`, {meaning}, which "
            "models read."
        )
    assert layer.filters == 5, f"{name!r} says filters={layer.filters}, not 5."
    assert len(layer.weights) == len(biased.weights) - 1, (
        f"{name!r} ignores `use_bias=False`."
    )
    assert np.min(y) >= 0, f"{name!r} ignores `activation='relu'`."
    try:
        upsampling_gains(layer)
    except ValueError as error:
        raise AssertionError(
            f"`upsampling_gains` does not know the layer of {name!r}."
        ) from error
    check_pad_modes(name, make)


def check_pad_modes(name, make):
    """Each mode is refused, or gives a border of its own."""
    x = np.random.default_rng(0).normal(size=(1, 6, 5, 2)).astype("float32")
    made, weights = {}, None
    for mode in PAD_MODES:
        try:
            layer = make(filters=5, kernel_size=5, scale=2, pad_mode=mode)
        except ValueError as error:
            assert "`pad_mode`" in str(error)
            continue
        layer.build(x.shape)
        weights = weights or layer.get_weights()
        layer.set_weights(weights)
        made[mode] = np.asarray(layer(x))
        flat = np.asarray(layer(np.ones_like(x)))
        assert mode == "constant" or np.ptp(flat, axis=(1, 2)).max() < 1e-5, (
            f"{name!r} draws a border on a flat image with pad_mode={mode!r}; "
            "only 'constant' may."
        )
    assert made, f"{name!r} refuses every `pad_mode`."
    for one, other in itertools.combinations(sorted(made), 2):
        # A kernel that reaches no further than the outermost cell sees the same
        # in these two.
        alike = {one, other} == {"edge", "symmetric"}
        assert alike or np.abs(made[one] - made[other]).max() > 1e-4, (
            f"{name!r} ignores `pad_mode`: {one!r} and {other!r} give the same "
            "image."
        )
