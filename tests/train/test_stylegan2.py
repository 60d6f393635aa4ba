"""The entry point, from training to the sheets of a direction."""

import json

import keras
import numpy as np
import processes
import pytest
import tensorflow as tf
from PIL import Image

from models.stylegan2 import generator
from train import factors, stylegan2, traverse
from train.engine.config import UsageError
from train.networks.write import save_keras


@pytest.fixture
def toy(photos, tmp_path):
    """Settings of a tiny run on eight pictures of noise."""
    return {
        "workdir": str(tmp_path / "run"),
        "dataset": "folder",
        "data_dir": str(photos),
        "max_images": 8,
        "image_size": 16,
        "batch_size": 4,
        "epochs": 1,
        "width": 2,
        "widest": 4,
        "latent_dim": 4,
        "xla": "off",
    }


def test_run_is_complete_and_resumes(toy, tmp_path, eager):
    stylegan2.train(stylegan2.Config(**toy))  # eagerly
    tf.config.run_functions_eagerly(False)
    stylegan2.train(stylegan2.Config(**toy | {"epochs": 2}))
    run = tmp_path / "run"
    lines = (run / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [2, 4]
    scores = json.loads((run / "scores.json").read_text())
    assert "distances" in scores["trained"]
    network = keras.saving.load_model(run / "generator.keras")
    images = network(np.ones((2, 4), "float32")).numpy()
    assert images.shape == (2, 16, 16, 3) and np.isfinite(images).all()
    assert (run / "saved_model" / "saved_model.pb").is_file()


ON_JAX = """
import numpy as np
from train import stylegan2
config = stylegan2.Config(image_size=8, width=2, widest=2, latent_dim=4)
model = stylegan2.build(config, 3)
images = np.random.default_rng(0).uniform(-1, 1, size=(32, 8, 8, 3))
losses = model.fit(images, batch_size=2, verbose=0).history
print(losses["loss"][0], float(model.path_mean), int(model.updates))
"""


@pytest.mark.soak
def test_jax_trains():
    """Sixteen steps, so that both penalties come."""
    result = processes.run("-c", ON_JAX, KERAS_BACKEND="jax")
    assert result.returncode == 0, result.stderr
    loss, path_mean, updates = map(float, result.stdout.split())
    assert np.isfinite(loss) and loss > 0
    assert path_mean > 0
    assert updates == 16


@pytest.fixture
def trained(toy, tmp_path, monkeypatch):
    """Settings of a traversal of an untrained generator."""
    monkeypatch.setattr(traverse, "SAMPLES", 256)
    monkeypatch.setattr(traverse, "TRAVERSALS", 8)
    (tmp_path / "run").mkdir()
    save_keras(generator(16, 3, 4, 2, 4), tmp_path / "run", "generator")
    save_keras(factors.network(16, 2), tmp_path, "factors")
    path = str(tmp_path / "factors.keras")
    return toy | {"traverse": "x", "factors": path}


def test_traversal_leaves_sheets_and_measures(trained, tmp_path, capsys):
    stylegan2.train(stylegan2.Config(**trained))
    run = tmp_path / "run"
    for space in ("z", "w"):
        with Image.open(run / f"traverse_x_{space}.png") as sheet:
            assert sheet.size == (9 * 16, 6 * 16)
    rows = json.loads((run / "traverse_x.json").read_text())
    assert rows.keys() == {"z", "w"}
    for row in rows.values():
        assert 0 <= row["follow_rate"] <= 1
        assert row["moved"].keys() == set(factors.FACTORS)
    assert "verdict on x follows" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change, message",
    [
        ({"traverse": "age"}, "must be one of shape, size"),
        ({"workdir": "/nowhere"}, "train the generator first"),
        ({"factors": "/nowhere/factors.keras"}, "python -m train.factors"),
    ],
)
def test_what_cannot_be_traversed_is_one_sentence(trained, change, message):
    with pytest.raises(UsageError, match=message):
        stylegan2.train(stylegan2.Config(**trained | change))


def test_factors_of_other_pictures_are_refused(trained, tmp_path):
    save_keras(factors.network(32, 2), tmp_path, "factors")
    with pytest.raises(UsageError, match="reads pictures of"):
        stylegan2.train(stylegan2.Config(**trained))


def test_factors_need_their_labels(toy):
    settings = {name: toy[name] for name in ("workdir", "dataset", "data_dir")}
    with pytest.raises(UsageError, match="Only --dataset=shapes"):
        factors.train(factors.Config(**settings, image_size=16))
