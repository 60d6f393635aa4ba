"""What holds for every network of the zoo, whatever its upsampler."""

import itertools

import keras
import numpy as np
import pytest

from models import (
    autoencoder,
    classifier,
    dcgan,
    deep_image_prior,
    segmentation,
    style_transfer,
    stylegan2,
    super_resolution,
)
from tfupsample import UPSAMPLERS, make_upsampler

PAINTERS = {
    "dcgan": lambda **up: dcgan.generator(16, 3, 8, 8, **up),
    "autoencoder": lambda **up: autoencoder.decoder(16, width=8, **up),
    "hourglass": lambda **up: deep_image_prior.network(
        "hourglass", 32, depth=2, width=8, **up
    ),
    "double": lambda **up: deep_image_prior.network(
        "double", 32, depth=2, width=8, **up
    ),
    "unet": lambda **up: segmentation.unet(width=4, depth=2, **up),
    "style_transfer": lambda **up: style_transfer.network(
        1, width=4, blocks=1, **up
    ),
    "stylegan2": lambda **up: stylegan2.generator(16, 3, 8, 4, 8, **up),
    "super_resolution": lambda **up: super_resolution.super_resolution(
        width=8, blocks=1, **up
    ),
}
OTHERS = {
    "dcgan.discriminator": lambda: dcgan.discriminator(16, width=4),
    "stylegan2.discriminator": lambda: stylegan2.discriminator(16, 3, 4, 8),
    "encoder": lambda: autoencoder.encoder(16, width=4),
    "classifier": lambda: classifier.classifier(None, width=4),
}


def alike(weights):
    """Pairs of kernels that start with the same numbers."""
    kernels = [
        (w.path, np.ravel(w)[:8])
        for w in weights
        if "kernel" in w.name and np.std(w) > 0
    ]
    return [
        (a, b)
        for (a, x), (b, y) in itertools.combinations(kernels, 2)
        if np.allclose(x / np.linalg.norm(x), y / np.linalg.norm(y))
    ]


@pytest.mark.parametrize("name", PAINTERS)
def test_kernels_of_painters_start_apart(name):
    for upsample in ("nearest", "subpixel", "deconv_balanced"):
        assert not alike(PAINTERS[name](upsample=upsample).trainable_weights)


@pytest.mark.parametrize("name", OTHERS)
def test_kernels_start_apart(name):
    assert not alike(OTHERS[name]().trainable_weights)


@pytest.mark.parametrize("name", UPSAMPLERS)
def test_upsamplers_that_share_an_initializer_start_apart(name):
    shared = keras.initializers.RandomNormal()
    made = [
        make_upsampler(name, 4, kernel_initializer=shared) for _ in range(2)
    ]
    for layer in made:
        layer.build((None, 4, 4, 2))
    assert not alike([layer.kernel for layer in made])


def test_a_chosen_seed_is_kept():
    seeded = keras.initializers.RandomNormal(seed=3)
    made = [
        make_upsampler("subpixel", 4, kernel_initializer=seeded)
        for _ in range(2)
    ]
    for layer in made:
        layer.build((None, 4, 4, 2))
    np.testing.assert_array_equal(*(layer.kernel for layer in made))


@pytest.fixture
def bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.usefixtures("bfloat16")
@pytest.mark.parametrize("name", PAINTERS)
def test_images_leave_in_float32(name, rng):
    """bfloat16 has some thousand values where a picture has colours."""
    network = PAINTERS[name]()
    for weight in network.trainable_weights:
        if np.std(weight) == 0 and "kernel" not in weight.name:
            weight.assign(rng.normal(1, 0.1, weight.shape))
    shapes = [(4, *(n or 16 for n in x.shape[1:])) for x in network.inputs]
    inputs = [rng.normal(size=shape).astype("float32") for shape in shapes]
    images = np.asarray(network(inputs if inputs[1:] else inputs[0]))
    assert images.dtype == "float32"
    assert len(np.unique(images)) > 0.6 * images.size
