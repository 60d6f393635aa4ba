"""Trained generators are judged again as their trainer judged them."""

import keras
import numpy as np
import pytest
from PIL import Image

from tfupsample.images.arrays import to_uint8
from train import dcgan
from train.evaluation import artifacts
from train.ship import rescore


@pytest.fixture
def entry(rng, tmp_path):
    """What the index says of a generator of a folder of noise."""
    for i in range(24):
        noise = rng.integers(256, size=(32, 32, 3), dtype="uint8")
        Image.fromarray(noise).save(tmp_path / f"{i:02}.png")
    command = (
        "python -m train.dcgan --dataset=folder --image_size=32 --width=16 "
        f"--data_dir={tmp_path} --samples=12"
    )
    kept = {"untrained": "kept", "trained": "replaced"}
    return {"training": {"command": command}, "scores": kept}


def test_the_settings_are_those_of_the_training(entry):
    config = rescore.config_of(entry)
    assert type(config) is dcgan.Config
    assert (config.image_size, config.width, config.samples) == (32, 16, 12)


def test_samples_are_scored_in_8_bits(entry, monkeypatch):
    latents = keras.Input((100,))
    pixels = keras.layers.Dense(32 * 32 * 3, "tanh")(latents)
    images = keras.layers.Reshape((32, 32, 3))(pixels)
    network = keras.Model(latents, images)
    monkeypatch.setattr(rescore, "load_pretrained", lambda *_, **__: network)
    scores = rescore.rescored("any", entry)
    assert scores["untrained"] == "kept"
    made = to_uint8(artifacts.samples(network, 12))
    for period, row in artifacts.artifact_scores(made).items():
        assert scores["trained"][period] == row
    for name in ("training images", "trained"):
        distances = scores[name]["distances"]
        assert np.isfinite(distances["sliced_wasserstein"][32])


def test_only_generators_are_judged_again(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["rescore", "classifier_shapes64"])
    assert rescore.main() == 2
    assert "dcgan_shapes64_nearest" in capsys.readouterr().err
