"""Networks that know the class: what they compute, and whose labels."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import dcgan, stylegan2
from models.conditional import balanced
from models.gan import GAN

CLASSES = 3
NETWORKS = {
    "dcgan": (
        lambda: dcgan.generator(8, 3, 4, 2, classes=CLASSES),
        lambda: dcgan.discriminator(8, 3, 2, classes=CLASSES),
    ),
    "stylegan2": (
        lambda: stylegan2.generator(8, 3, 4, 2, 4, classes=CLASSES),
        lambda: stylegan2.discriminator(8, 3, 2, 4, classes=CLASSES),
    ),
}
each_pair = pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)


def one_hot(*labels):
    return np.eye(CLASSES, dtype="float32")[[*labels]]


def test_balanced_labels_are_as_many_of_each_in_order():
    labels = np.asarray(balanced(3, 9)).argmax(axis=1)
    assert labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    counts = np.asarray(balanced(3, 64)).sum(axis=0)
    assert sorted(counts) == [21, 21, 22]


@each_pair
def test_logits_are_those_of_features_and_class(make, rng):
    """The inner product with the vector of the class comes on top."""
    network = make[1]()
    images = rng.normal(size=(4, 8, 8, 3)).astype("float32")
    features = keras.Model(
        network.inputs, network.get_layer(name_of(network, "dot")).input[0]
    )
    plain = keras.Model(network.inputs, network.get_layer("logits").output)
    labels = one_hot(0, 1, 2, 1)
    vectors = network.get_layer("projection").kernel.numpy()[[0, 1, 2, 1]]
    found = features([images, labels]).numpy()
    np.testing.assert_allclose(
        network([images, labels]).numpy()[:, 0],
        plain([images, labels]).numpy()[:, 0] + (found * vectors).sum(axis=1),
        rtol=1e-5,
        atol=1e-6,
    )
    assert np.abs(vectors).min() > 0


def name_of(network, start):
    return next(x.name for x in network.layers if x.name.startswith(start))


@each_pair
def test_a_generator_makes_other_images_of_another_class(make, rng):
    network = make[0]()
    latents = rng.normal(size=(1, 4)).astype("float32").repeat(3, axis=0)
    images = network([latents, one_hot(0, 1, 0)]).numpy()
    assert images.shape == (3, 8, 8, 3)
    np.testing.assert_allclose(images[0], images[2], atol=1e-6)
    assert np.abs(images[0] - images[1]).max() > 1e-4


def test_generated_images_have_the_labels_of_the_real_ones():
    """With a generator that paints the number of its class."""
    latents, labels = keras.Input((4,)), keras.Input((CLASSES,))
    paint = keras.layers.Dense(1, use_bias=False)
    images = keras.layers.Reshape((1, 1, 1))(paint(labels))
    images = keras.layers.UpSampling2D(8)(images)
    generator = keras.Model([latents, labels], images)
    model = GAN(generator, dcgan.discriminator(8, 1, 2, classes=CLASSES))
    paint.set_weights([np.arange(CLASSES)[:, None]])
    real = np.zeros((4, 8, 8, 1), "float32")
    made = model((real, one_hot(2, 0, 1, 1)), training=True)["images"]
    np.testing.assert_array_equal(made[:, 0, 0, 0], [2, 0, 1, 1])


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
@each_pair
def test_a_step_trains_what_knows_the_class(make, rng):
    trainer = GAN if make is NETWORKS["dcgan"] else stylegan2.StyleGAN2
    model = trainer(make[0](), make[1](), r1=0.1)
    model.compile_adam(1e-2, 1e-2)
    before = model.discriminator.get_layer("projection").get_weights()[0]
    x = rng.uniform(-1, 1, (6, 8, 8, 3)).astype("float32")
    pairs = tf.data.Dataset.from_tensors(((x, one_hot(0, 1, 2, 0, 1, 2)),))
    history = model.fit(pairs, epochs=2, shuffle=False, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    after = model.discriminator.get_layer("projection").get_weights()[0]
    assert (np.abs(after - before).max(axis=0) > 0).all()
    images = model.averaged_generator()(
        [rng.normal(size=(2, 4)), one_hot(0, 1)]
    )
    assert np.isfinite(images).all()
