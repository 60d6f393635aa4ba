"""The entry point, from training to the sheets of a direction."""

import json

import keras
import numpy as np
import processes
import pytest
import tensorflow as tf

from train import factors, stylegan2
from train.engine.options import UsageError


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


@pytest.mark.slow
def test_run_is_complete(toy, tmp_path, eager):
    stylegan2.train(stylegan2.Config(**toy))
    run = tmp_path / "run"
    scores = json.loads((run / "scores.json").read_text())
    assert "distances" in scores["trained"]
    network = keras.saving.load_model(run / "generator.keras")
    images = network(np.ones((2, 4), "float32")).numpy()
    assert images.shape == (2, 16, 16, 3) and np.isfinite(images).all()
    assert (run / "saved_model" / "saved_model.pb").is_file()


@pytest.mark.slow
def test_a_traced_run_resumes_an_eager_one(toy, tmp_path, eager):
    stylegan2.train(stylegan2.Config(**toy))
    tf.config.run_functions_eagerly(False)
    stylegan2.train(stylegan2.Config(**toy | {"epochs": 2}))
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [2, 4]


ON_JAX = """
import numpy as np
from train import stylegan2
config = stylegan2.Config(image_size=8, width=2, widest=2, latent_dim=4)
model = stylegan2.build(config, 3)
images = np.random.default_rng(0).uniform(-1, 1, size=(32, 8, 8, 3))
losses = model.fit(images, batch_size=2, verbose=0).history
print(losses["loss"][0], float(model.path_mean), int(model.updates))
"""


@pytest.mark.slow
def test_jax_trains():
    """Sixteen steps, so that both penalties come."""
    result = processes.run("-c", ON_JAX, KERAS_BACKEND="jax")
    assert result.returncode == 0, result.stderr
    loss, path_mean, updates = map(float, result.stdout.split())
    assert np.isfinite(loss) and loss > 0
    assert path_mean > 0
    assert updates == 16


def test_factors_need_their_labels(toy):
    settings = {name: toy[name] for name in ("workdir", "dataset", "data_dir")}
    with pytest.raises(UsageError, match="Only --dataset=shapes"):
        factors.train(factors.Config(**settings, image_size=16))
