"""Features, Gram matrices and the losses on them."""

import keras
import numpy as np
import pytest

from models import perceptual
from models.classifier import classifier


@pytest.fixture
def image(rng):
    return rng.uniform(-1, 1, size=(1, 40, 48, 3)).astype("float32")


def test_gram_is_the_mean_of_outer_products(rng):
    features = rng.normal(size=(2, 4, 5, 3)).astype("float32")
    expected = np.zeros((2, 3, 3))
    for b, i, j in np.ndindex(2, 4, 5):
        pixel = features[b, i, j]
        expected[b] += np.outer(pixel, pixel) / 20
    np.testing.assert_allclose(perceptual.gram(features), expected, atol=1e-5)


def test_gram_does_not_see_where_things_are(rng):
    features = rng.normal(size=(1, 4, 5, 3)).astype("float32")
    moved = rng.permutation(features.reshape(20, 3)).reshape(1, 4, 5, 3)
    np.testing.assert_allclose(
        perceptual.gram(features), perceptual.gram(moved), atol=1e-6
    )


def gram_of_noise(rng, channels=5):
    mixed = rng.normal(size=(100, channels)) @ rng.normal(
        size=(channels, channels)
    )
    return mixed.T @ mixed / 100


def test_whitening_makes_the_style_the_identity(rng):
    target = gram_of_noise(rng)
    matrix = perceptual.whitening(target, floor=0)
    np.testing.assert_allclose(matrix @ target @ matrix, np.eye(5), atol=1e-9)
    np.testing.assert_allclose(matrix, matrix.T)


def test_whitening_of_a_missing_channel_is_finite():
    matrix = perceptual.whitening(np.diag([1.0, 0.0]), floor=0.01)
    np.testing.assert_allclose(np.diag(matrix) ** -2.0, [1.005, 0.005])


def style_loss(gram, target):
    matrix = perceptual.whitening(target, floor=0)
    arrays = (np.asarray(x, "float32")[None] for x in (gram, target, matrix))
    return float(perceptual.style_loss(*arrays))


def test_style_loss_is_zero_for_the_style_alone(rng):
    target = gram_of_noise(rng)
    assert style_loss(target, target) < 2e-3
    assert style_loss(gram_of_noise(rng), target) > 0.1


@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0])
def test_style_loss_counts_every_direction_alike(rng, factor):
    """A factor on the Gram matrix costs the same, whatever the style."""
    target = gram_of_noise(rng)
    loss = style_loss(factor * target, target)
    assert loss == pytest.approx(abs(factor - 1), rel=1e-2)
    values, vectors = np.linalg.eigh(target)
    losses = [
        style_loss(target + values[i] * np.outer(v, v), target)
        for i, v in enumerate(vectors.T)
    ]
    np.testing.assert_allclose(losses, 5**-0.5, rtol=1e-2)


def test_content_loss_is_twice_one_minus_the_correlation(rng):
    features, others = rng.normal(size=(2, 1, 30, 40, 1)).astype("float32")
    others = features + 0.5 * others
    correlation = np.corrcoef(features.ravel(), others.ravel())[0, 1]
    loss = float(perceptual.content_loss(features, others))
    assert loss == pytest.approx(2 * (1 - correlation), abs=1e-3)
    assert float(perceptual.content_loss(features, -features)) > 3.9


def test_content_loss_leaves_colours_and_contrasts_free(rng):
    features = rng.normal(size=(2, 8, 8, 3)).astype("float32")
    other = features * np.float32([2, 0.5, 3]) + np.float32([1, -4, 0])
    assert float(perceptual.content_loss(features, other)) < 1e-6


def small_classifier():
    return classifier(None, width=4)


NETWORKS = {
    "multiscale": lambda: perceptual.multiscale(4, scales=3),
    "classifier": lambda: perceptual.classifier(small_classifier(), scales=2),
    "vgg19": lambda: perceptual.vgg19(weights=None),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_features_are_promised_maps_and_are_not_trained(name, image):
    features = NETWORKS[name]()
    maps = features(image)
    shapes = {
        "multiscale": [(40, 48, 12), (20, 24, 12), (10, 12, 12)],
        "classifier": [
            (side[0] // d, side[1] // d, c)
            for side in ((40, 48), (20, 24))
            for d, c in ((1, 4), (1, 4), (2, 8))
        ],
        "vgg19": [(40, 48, 64), (20, 24, 128), (10, 12, 256), (5, 6, 512)],
    }
    assert [tuple(m.shape[1:]) for m in maps["style"]] == shapes[name]
    content = {"multiscale": 1, "classifier": 5, "vgg19": 2}[name]
    np.testing.assert_array_equal(maps["content"], maps["style"][content])
    assert not features.trainable_variables


def test_vgg19_sees_what_keras_feeds_it(image):
    """In [-1, 1] here, in steps of 8 bits as BGR without a mean there."""
    features = perceptual.vgg19(weights=None)
    whole = features.get_layer(features.layers[-1].name)
    fed = keras.applications.vgg19.preprocess_input((image + 1) * 127.5)
    expected = whole([fed])[0]
    np.testing.assert_allclose(
        features(image)["style"][0], expected, rtol=1e-4, atol=1e-3
    )


def test_random_filters_are_the_same_for_the_same_seed(image):
    one, same, other = (
        perceptual.multiscale(4, 1, seed)(image)["style"][0]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01


def test_terms_are_zero_for_the_style_itself(image):
    loss = perceptual.PerceptualLoss(
        perceptual.multiscale(4, 2), [image[0], -(image[0] ** 2)], 1.0, 1.0, 0.0
    )
    terms = loss(image, image, np.array([0]))
    assert list(terms) == list(perceptual.TERMS)
    assert float(terms["content"]) == 0
    assert float(terms["style"]) < 0.02
    assert float(loss(image, image, np.array([1]))["style"]) > 0.1


def test_weights_are_factors(image, rng):
    features = perceptual.multiscale(4, 2)
    other = rng.uniform(-1, 1, size=image.shape).astype("float32")
    unit, weighted = (
        perceptual.PerceptualLoss(features, [-(image[0] ** 2)], *weights)(
            image, other, np.array([0])
        )
        for weights in ((1, 1, 1), (2, 3, 5))
    )
    assert float(unit["range"]) == 0  # of pictures in their range
    for name, factor in zip(perceptual.TERMS[:3], (2, 3, 5)):
        assert float(weighted[name]) == pytest.approx(
            factor * float(unit[name]), rel=1e-5
        )
        assert float(unit[name]) > 0


def test_what_is_beyond_the_range_costs_its_square():
    pictures = np.array([[-1.5, -1.0, 0.3, 3.0]])
    assert float(perceptual.range_loss(pictures)) == (0.25 + 4) / 4
