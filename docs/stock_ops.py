"""What stock resizing does wrong, beside the same through this package.

    python docs/stock_ops.py

prints the table of `docs/layers.md`. Both columns compute the same function:
resize, pad "symmetric", convolve with a 3×3 kernel; the first by
`tf.image.resize`, `tf.pad` and `tf.nn.conv2d`, the second by `ResizeConv2D`.
An error is the largest one over the largest value. What XLA computes is
compared with the first column in eager mode and float32, a gradient of a
gradient with differences in float64.
"""

import functools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from tfupsample import ResizeConv2D


def stock(layer, x):
    """The definition of the layer, in ops of TensorFlow."""
    size = [s * n for s, n in zip(layer.scale, x.shape[1:-1])]
    x = tf.cast(tf.image.resize(x, size, layer.interpolation), x.dtype)
    x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    return tf.nn.conv2d(x, tf.cast(layer.kernel.value, x.dtype), 1, "VALID")


def output(run, x):
    """The output itself."""
    return run(x)


def gradient(run, x):
    """Gradient of the squares of the output, by the input."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.cast(run(x), "float32") ** 2)
    return tape.gradient(loss, x)


def gradient_after_relu(run, x):
    """The same where an activation comes before the upsampling."""
    return gradient(lambda x: run(tf.nn.relu(x)), x)


def penalty(run, x):
    """Squared norm of a gradient, as gradient penalties have it."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(run(x) ** 3)
    return tf.reduce_sum(tape.gradient(loss, x) ** 2)


def under_xla(measure, interpolation, scale, dtype="float32"):
    """Returns the errors of stock ops and of ours."""
    layer, x = example(interpolation, scale, dtype)
    expected = measure(functools.partial(stock, layer), x)

    def error(run):
        compiled = tf.function(
            functools.partial(measure, run), jit_compile=True
        )
        try:
            return distance(compiled(tf.cast(x, dtype)), expected)
        except (tf.errors.InvalidArgumentError, tf.errors.InternalError):
            return "does not compile"

    return error(functools.partial(stock, layer)), error(layer)


def of_a_penalty(interpolation, scale=2, step=1e-5):
    """Returns the errors of a gradient of `penalty`, along one direction."""
    layer, x = example(interpolation, scale, "float64")
    x = tf.cast(x, "float64")
    towards = np.random.default_rng(0).normal(size=x.shape)

    def error(run):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = penalty(run, x)
        try:
            found = tape.gradient(value, x)
        except LookupError:
            return "LookupError"
        if found is None:
            return "None, silently"
        ahead, behind = (penalty(run, x + s * towards) for s in (step, -step))
        return distance(
            tf.reduce_sum(found * towards), (ahead - behind) / (2 * step)
        )

    return error(functools.partial(stock, layer)), error(layer)


def example(interpolation, scale, dtype):
    """A layer without bias, and a float32 input."""
    keras.utils.set_random_seed(0)
    layer = ResizeConv2D(
        4, 3, scale, interpolation, use_bias=False, dtype=dtype
    )
    x = tf.random.stateless_normal((2, 8, 8, 3), (0, 0))
    layer(x)
    return layer, x


def distance(actual, expected):
    """Largest error over the largest value."""
    actual, expected = np.asarray(actual, float), np.asarray(expected, float)
    return float(np.abs(actual - expected).max() / np.abs(expected).max())


BILINEAR_16 = ("bilinear", 2, "bfloat16")
ROWS = {
    "bilinear ×3, XLA": (under_xla, output, "bilinear", 3),
    "bilinear ×5, XLA": (under_xla, output, "bilinear", 5),
    "bilinear ×3, XLA, gradient": (under_xla, gradient, "bilinear", 3),
    "the same ×2 in bfloat16": (under_xla, gradient, *BILINEAR_16),
    "the same ×2 in bfloat16, after a ReLU": (
        under_xla,
        gradient_after_relu,
        *BILINEAR_16,
    ),
    "nearest ×2, XLA, gradient": (under_xla, gradient, "nearest", 2),
    "bicubic ×2, XLA": (under_xla, output, "bicubic", 2),
    "nearest ×2, gradient of a gradient": (of_a_penalty, "nearest"),
    "bilinear ×2, gradient of a gradient": (of_a_penalty, "bilinear"),
    "bicubic ×2, gradient of a gradient": (of_a_penalty, "bicubic"),
}


def measure(row):
    """Returns the errors in one row: numbers, or what happened instead."""
    function, *arguments = ROWS[row]
    return function(*arguments)


def main():
    """Prints the table."""
    print("| | stock TensorFlow | tfupsample |\n|---|---|---|")
    for row in ROWS:
        cells = (e if isinstance(e, str) else f"{e:.0e}" for e in measure(row))
        print(f"| {row} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
