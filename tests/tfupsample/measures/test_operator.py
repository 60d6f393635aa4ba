import keras
import numpy as np
import pytest
from keras import ops

from tfupsample import PaddedConv2D, ResizeConv1D
from tfupsample.measures.operator import (
    operator_matrix,
    transposed_convolution_matrix,
)
from tfupsample.ops.autodiff import input_gradient

LAYERS = [
    (keras.layers.Conv1DTranspose(3, 4, 2, bias_initializer="ones"), (5,)),
    (keras.layers.Conv2D(2, 3, 2, "same"), (4, 5)),
    (ResizeConv1D(2, 3, scale=3), (4,)),
    (PaddedConv2D(2, 3), (4, 3)),
]


@pytest.mark.parametrize("layer, sizes", LAYERS)
def test_the_matrix_does_what_the_layer_does(rng, layer, sizes):
    x = rng.normal(size=(1, *sizes, 2)).astype("float32")
    matrix = operator_matrix(layer, sizes, channels=2)
    bias = layer(0 * x).numpy().ravel()
    expected = layer(x).numpy().ravel()
    np.testing.assert_allclose(matrix @ x.ravel() + bias, expected, atol=1e-5)


@pytest.mark.parametrize("layer, sizes", LAYERS)
def test_the_gradient_is_the_transposed_matrix(rng, layer, sizes):
    x = rng.normal(size=(1, *sizes, 2)).astype("float32")
    y = rng.normal(size=layer(x).shape).astype("float32")
    gradient = input_gradient(lambda x: ops.sum(layer(x) * y), x)
    matrix = operator_matrix(layer, sizes, channels=2)
    np.testing.assert_allclose(
        np.ravel(gradient), matrix.T @ y.ravel(), atol=1e-5
    )


def test_a_transposed_convolution_is_the_band_matrix(rng):
    kernel = rng.normal(size=3)
    layer = keras.layers.Conv1DTranspose(1, 3, 2, "valid")
    layer.build((None, 4, 1))
    layer.kernel.assign(kernel.reshape(3, 1, 1))
    band = transposed_convolution_matrix(kernel, 2, 4)
    np.testing.assert_allclose(operator_matrix(layer, (4,)), band, atol=1e-6)
    assert band.shape == (9, 4)
    np.testing.assert_array_equal(band[2:5, 1], kernel)


def test_rows_of_the_band_matrix_count_the_overlap():
    band = transposed_convolution_matrix(np.ones(3), 2, 5)
    assert band.sum(axis=1).tolist() == [1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1]


def test_what_is_not_linear_is_refused():
    with pytest.raises(ValueError, match="must be linear"):
        operator_matrix(keras.layers.Conv1D(2, 3, activation="relu"), (6,))
    with pytest.raises(ValueError, match="must be linear"):
        operator_matrix(ops.square, (3,))
