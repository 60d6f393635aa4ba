"""The trainer of the vocoder, from its command line to its scores."""

import json

import entry_points
import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfupsample.sounds.files import read_sound


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.soak)]
)
def test_command_leaves_a_complete_run(tmp_path, backend):
    settings = {
        "workdir": str(tmp_path),
        "epochs": 2,
        "batch_size": 2,
        "frames": 32,
        "width": 8,
        "max_sounds": 4,
        "xla": "off",
    }
    result = entry_points.run("vocoder", settings, backend)
    assert result.returncode == 0, result.stderr
    sounds = {
        f"{kind}_{i}.wav" for kind in ("real", "generated") for i in range(4)
    }
    assert {p.name for p in tmp_path.iterdir() if p.name[0] != "."} == {
        "checkpoints",
        "config.json",
        "metrics.jsonl",
        "samples",
        "saved_model",
        "scores.json",
        "tensorboard",
        "vocoder.keras",
        *sounds,
    }
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert f"{scores['spectral_distance_db']:.2f} dB" in result.stdout
    assert len(scores["generated"]["each_db"]) == 4
    with Image.open(tmp_path / "samples" / "epoch_00002.png") as grid:
        assert grid.size[0] > 0
    sound = read_sound(tmp_path / "generated_0.wav")
    assert sound.wave.shape == (16384, 1) and sound.rate == 8000
    network = keras.models.load_model(tmp_path / "vocoder.keras")
    frames = np.ones((2, 32, 40), "float32")
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    np.testing.assert_allclose(served.serve(frames), network(frames), atol=1e-4)


def test_more_sounds_a_step_than_there_are_are_refused(tmp_path):
    settings = {"workdir": str(tmp_path), "frames": 32, "max_sounds": 2}
    result = entry_points.run("vocoder", settings)
    assert result.returncode == 2
    assert (
        "--batch_size must be at most the number of sounds, 2" in result.stderr
    )
