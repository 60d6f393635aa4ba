import keras
import numpy as np
import pytest
import tensorflow as tf

from models.classifier import BLOCKS, classifier, feature_model


@pytest.mark.parametrize("image_size", [32, None])
def test_layers_have_the_names_and_shapes_that_others_use(rng, image_size):
    model = classifier(image_size, channels=3, classes=7, width=2)
    images = rng.normal(size=(2, 32, 32, 3)).astype("float32")
    assert model(images).shape == (2, 7)
    outputs = feature_model(model, [*BLOCKS, "features"])(images)
    assert [tuple(x.shape[1:]) for x in outputs] == [
        (32, 32, 2),
        (16, 16, 4),
        (8, 8, 8),
        (4, 4, 16),
        (16,),
    ]
    assert all(np.min(x) == 0 for x in outputs[:-1])  # after their ReLU
    features = feature_model(model)(images)
    np.testing.assert_array_equal(features, outputs[-1])
    np.testing.assert_allclose(
        features, np.mean(outputs[-2], axis=(1, 2)), rtol=1e-5
    )
    np.testing.assert_allclose(
        model.get_layer("logits")(features), model(images), rtol=1e-5
    )


def test_one_network_takes_every_image_size(rng):
    model = classifier(None, width=2)
    for height, width in ((8, 8), (33, 47), (64, 16)):
        images = rng.normal(size=(1, height, width, 3)).astype("float32")
        assert model(images).shape == (1, 10)


def test_flat_images_stay_flat_up_to_the_border():
    model = classifier(None, width=4)
    flat = np.full((1, 32, 32, 3), 0.5, "float32")
    for features in feature_model(model, BLOCKS)(flat):
        spread = np.ptp(features, axis=(1, 2))
        np.testing.assert_allclose(spread, 0, atol=1e-5)


def test_pooling_sends_back_no_checkerboard():
    """Far from the border, the gradient of a flat image is flat."""
    model = classifier(None, width=2)
    flat = tf.fill((1, 160, 160, 3), 0.5)
    with tf.GradientTape() as tape:
        tape.watch(flat)
        features = feature_model(model)(flat)
    inside = tape.gradient(features, flat).numpy()[0, 72:88, 72:88]
    assert np.abs(inside).max() > 0
    spread = np.ptp(inside, axis=(0, 1)) / np.abs(inside).max()
    np.testing.assert_allclose(spread, 0, atol=1e-4)


def test_logits_are_float32_in_any_precision(rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = classifier(None, width=2)
    finally:
        keras.config.set_dtype_policy("float32")
    images = rng.normal(size=(1, 16, 16, 3)).astype("float32")
    assert (
        model(images).dtype == feature_model(model)(images).dtype == "float32"
    )
    assert feature_model(model, "block1")(images).dtype == "bfloat16"


def test_the_classifier_is_saved_whole(rng, tmp_path):
    model = classifier(None, width=2)
    model.save(tmp_path / "classifier.keras")
    images = rng.normal(size=(1, 16, 16, 3)).astype("float32")
    restored = keras.saving.load_model(tmp_path / "classifier.keras")
    np.testing.assert_allclose(restored(images), model(images), rtol=1e-5)


@pytest.mark.parametrize(
    "change, message",
    [({"width": 0}, "`width`"), ({"image_size": 7}, "at least 8")],
)
def test_unusable_arguments_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        classifier(**change)
    with pytest.raises(ValueError, match="No such layer"):
        feature_model(classifier(width=1), "block9")
