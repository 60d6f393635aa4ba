import jax
import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample.arguments import INTERPOLATIONS
from tfupsample.ops.resize import resize


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("scale", [(1, 2), (2, 2), (3, 3), (4, 5), (7, 3)])
def test_resize_follows_its_definition(rng, interpolation, scale):
    graph = tf.function(
        lambda x: resize(x, scale, interpolation),
        input_signature=[tf.TensorSpec((None, None, None, 3))],
    )
    for size in [(5, 4), (1, 2), (2, 1)]:
        x = rng.normal(size=(2, *size, 3)).astype("float32")
        expected = reference.resize(x, scale, interpolation)
        for y in (resize(x, scale, interpolation), graph(x)):
            np.testing.assert_allclose(y, expected, atol=2e-6)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_resize_is_that_of_jax(rng, interpolation):
    """An implementation by others, on its own backend."""
    x = rng.normal(size=(2, 5, 4, 3)).astype("float32")
    for scale in (2, 3, 4):
        expected = jax.image.resize(
            x,
            (2, 5 * scale, 4 * scale, 3),
            "cubic" if interpolation == "bicubic" else interpolation,
            antialias=False,
        )
        np.testing.assert_allclose(
            resize(x, (scale, scale), interpolation), expected, atol=2e-6
        )


@pytest.mark.parametrize(
    "interpolation, scale", [("bilinear", 3), ("bilinear", 5), ("bicubic", 2)]
)
def test_compiled_gradients_equal_eager_ones(rng, interpolation, scale):
    """Where `tf.image.resize` is wrong under XLA, or does not compile."""
    x = tf.constant(rng.normal(size=(1, 5, 6, 2)), "float32")
    target = tf.constant(
        rng.normal(size=(1, 5 * scale, 6 * scale, 2)), "float32"
    )

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = resize(x, (scale, scale), interpolation)
            loss = tf.reduce_sum((y - target) ** 2)
        return tape.gradient(loss, x)

    compiled = tf.function(gradient, jit_compile=True)
    np.testing.assert_allclose(compiled(x), gradient(x), rtol=1e-4, atol=1e-4)
