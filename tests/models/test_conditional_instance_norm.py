import keras
import numpy as np
import pytest

from models.conditional_instance_norm import (
    ConditionalInstanceNormalization,
    moments,
)


@pytest.fixture
def layer(rng):
    layer = ConditionalInstanceNormalization(3)
    layer.build([(None, None, None, 4), (None, 3)])
    layer.scale.assign(rng.uniform(0.5, 2, size=(3, 4)))
    layer.offset.assign(rng.normal(size=(3, 4)))
    return layer


@pytest.fixture
def images(rng):
    return rng.normal(2, 5, size=(2, 6, 7, 4)).astype("float32")


def one_hot(*styles):
    return np.eye(3, dtype="float32")[list(styles)]


def test_each_image_has_the_moments_of_its_style(layer, images):
    result = layer([images, one_hot(2, 0)]).numpy()
    for image, style in zip(result, (2, 0)):
        np.testing.assert_allclose(
            image.mean((0, 1)), layer.offset[style], atol=1e-5
        )
        np.testing.assert_allclose(
            image.std((0, 1)), layer.scale[style], rtol=1e-4
        )


def test_a_blend_is_the_blend_of_its_styles(layer, images):
    parts = [layer([images, one_hot(s, s)]) for s in range(3)]
    shares = np.float32([[0.2, 0.5, 0.3]] * 2)
    expected = sum(s * part for s, part in zip((0.2, 0.5, 0.3), parts))
    np.testing.assert_allclose(layer([images, shares]), expected, atol=1e-5)


def test_is_the_instance_normalisation_of_keras(images):
    layer = ConditionalInstanceNormalization(3)
    keras_layer = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)
    np.testing.assert_allclose(
        layer([images, one_hot(0, 1)]), keras_layer(images), atol=1e-5
    )


def test_given_moments_take_the_place_of_the_images_own(layer, images):
    shares = one_hot(1, 2)
    whole = layer([images, shares])
    part = layer([images[:, :3], shares, moments(images)])
    np.testing.assert_allclose(part, whole[:, :3], atol=1e-5)
    assert np.abs(layer([images[:, :3], shares]) - part).max() > 0.1


def test_16_bits_keep_their_type_and_moments_of_32(images):
    layer = ConditionalInstanceNormalization(3, dtype="mixed_bfloat16")
    x = keras.ops.cast(images, "bfloat16")
    result = layer([x, one_hot(0, 1)])
    assert keras.backend.standardize_dtype(result.dtype) == "bfloat16"
    expected = layer([keras.ops.cast(x, "float32"), one_hot(0, 1)])
    np.testing.assert_allclose(
        keras.ops.cast(result, "float32"), expected, atol=0.03
    )


def test_configuration_holds_every_argument():
    layer = ConditionalInstanceNormalization(3, 1e-3, "zeros", name="norm")
    copy = ConditionalInstanceNormalization.from_config(layer.get_config())
    assert (copy.styles, copy.epsilon, copy.name) == (3, 1e-3, "norm")
    copy.build([(None, 4, 4, 2), (None, 3)])
    assert not np.any(copy.scale)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="`styles` must be"):
        ConditionalInstanceNormalization(0)
