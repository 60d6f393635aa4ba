"""`--conditional`: a GAN that is told the class."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from train import dcgan
from train.engine.options import UsageError
from train.evaluation import artifacts


@pytest.fixture
def toy(rng, tmp_path):
    """Pictures that are red or green, by their folder."""
    for name, channel in (("red", 0), ("green", 1)):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        for i in range(32):
            pixels = rng.integers(0, 90, (16, 16, 3), dtype="uint8")
            pixels[..., channel] += 150
            Image.fromarray(pixels).save(folder / f"{i}.png")
    return {
        "workdir": str(tmp_path / "run"),
        "dataset": "folder",
        "data_dir": str(tmp_path / "pictures"),
        "conditional": "label",
        "image_size": 16,
        "batch_size": 16,
        "samples": 64,
        "width": 4,
        "latent_dim": 4,
        "xla": "off",
    }


@pytest.mark.slow
def test_samples_have_the_colour_of_their_class(toy, tmp_path):
    config = dcgan.Config(
        **toy, epochs=30, learning_rate=2e-3, momentum=0.9, validation=0.1
    )
    dcgan.train(config)
    run = tmp_path / "run"
    assert json.loads((run / "classes.json").read_text()) == ["green", "red"]
    generator = keras.models.load_model(run / "generator.keras")
    images = artifacts.samples(generator, 64)
    redness = (images[..., 0] - images[..., 1]).mean(axis=(1, 2))
    assert redness[:32].mean() < -0.2 and redness[32:].mean() > 0.2

    latents = np.ones((2, 4), "float32")
    labels = np.eye(2, dtype="float32")
    served = tf.saved_model.load(str(run / "saved_model"))
    np.testing.assert_allclose(
        served.serve([latents, labels]),
        generator([latents, labels]),
        atol=1e-5,
    )


def test_a_label_that_is_not_there_is_refused_by_name(toy):
    with pytest.raises(UsageError, match=r"--conditional.*\['label'\].*colour"):
        dcgan.train(dcgan.Config(**toy | {"conditional": "colour"}))
