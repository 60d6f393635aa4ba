import keras
import numpy as np
import processes
import pytest
from keras import ops

from tfupsample.measures.gradient import (
    gradient_pattern,
    mean_gradient,
    pattern_share,
)
from tfupsample.ops.autodiff import input_gradient


def network(*layers):
    return keras.Sequential([keras.Input((32, 32, 2)), *layers])


def test_gradient_of_a_square(rng):
    x = rng.normal(size=(3, 4)).astype("float32")
    gradient = input_gradient(lambda x: ops.sum(ops.square(x)), x)
    np.testing.assert_allclose(gradient, 2 * x)
    constant = input_gradient(lambda x: ops.ones(()), x)
    np.testing.assert_array_equal(constant, 0 * x)


def test_gradient_on_jax():
    code = (
        "import numpy as np; from keras import ops\n"
        "from tfupsample.ops.autodiff import input_gradient\n"
        "x = np.arange(3.0)\n"
        "print(input_gradient(lambda x: ops.sum(x * x), x))"
    )
    result = processes.run("-c", code, KERAS_BACKEND="jax")
    assert result.stdout == "[0. 2. 4.]\n", result.stderr


def test_strided_convolution_sends_a_checkerboard_back():
    strided = network(keras.layers.Conv2D(4, 3, 2, "same"))
    regular = network(keras.layers.Conv2D(4, 3, 1, "same"))
    assert gradient_pattern(strided, (32, 32, 2), 2).flat > 0.3
    clean = gradient_pattern(regular, (32, 32, 2), 2)
    assert clean.flat < 1e-5
    assert clean.noise < 1e-5


def test_pooling_decides_by_content():
    """Maximum pooling writes at flat inputs; average pooling never does."""
    maximum = network(keras.layers.MaxPooling2D(2))
    average = network(keras.layers.AveragePooling2D(2))
    pattern = gradient_pattern(maximum, (32, 32, 2), 2, batch=32)
    assert pattern.flat > 0.8
    assert pattern.noise < 0.05
    assert gradient_pattern(average, (32, 32, 2), 2).flat < 1e-6


def test_share_of_a_planted_pattern(rng):
    noise = rng.normal(size=(40, 32, 32, 2))
    board = (np.indices((32, 32)).sum(0) % 2 * 2 - 1)[..., None]
    assert pattern_share(noise, 2) < 0.02
    found = pattern_share(noise + 0.5 * board + 2, 2)
    assert found == pytest.approx(0.5 / np.sqrt(1 + 0.25 + 4), abs=0.01)
    assert pattern_share(0.0 * noise + board, 2) == pytest.approx(1)
    assert pattern_share(0 * noise, 2) == 0


def test_period_is_the_total_stride():
    model = network(
        keras.layers.Conv2D(4, 2, 2, "same", kernel_initializer="ones"),
        keras.layers.Conv2D(4, 3, 2, "same", kernel_initializer="ones"),
    )
    gradient = mean_gradient(model, np.ones((2, 32, 32, 2)))
    assert pattern_share(gradient, 2, margin=8) < 1e-6
    assert pattern_share(gradient, 4, margin=8) > 0.1


def test_inputs_too_small_are_named():
    with pytest.raises(ValueError, match="at least 18 pixels"):
        pattern_share(np.ones((1, 16, 16, 1)), 16, margin=1)
