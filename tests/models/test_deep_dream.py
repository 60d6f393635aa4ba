"""Dreams: what they climb, what jitter does, and what the command leaves."""

import json

import entry_points
import keras
import numpy as np
import pytest
from keras import ops

from models.classifier import classifier
from models.deep_dream import dream, excitement, resized
from tfupsample.measures.gradient import pattern_share
from train import deep_dream
from train.engine.options import UsageError


@pytest.fixture
def image(rng):
    return resized(rng.uniform(-0.5, 0.5, (8, 8, 3)), (48, 48))


def network(pooling="average", width=2):
    keras.utils.set_random_seed(1)
    return classifier(None, width=width, pooling=pooling)


@pytest.mark.parametrize("channel", [None, 1])
def test_a_dream_excites_its_layer(image, channel):
    objective = excitement(network(), "block3", channel)
    result = dream(objective, image, steps=3, octaves=2, jitter=2)
    assert result.image.shape == image.shape == result.gradient.shape
    assert np.abs(result.image).max() <= 1
    before, after = (float(objective(x[None])) for x in (image, result.image))
    assert after > before


def test_jitter_changes_nothing_where_places_are_alike(image):
    def objective(x):  # of no place in particular
        return ops.mean(x**4) + ops.mean(x[..., 0] * x[..., 1])

    still, moved = (
        dream(objective, image, steps=3, octaves=1, jitter=jitter)
        for jitter in (0, 5)
    )
    np.testing.assert_allclose(still.image, moved.image, atol=1e-5)
    np.testing.assert_allclose(still.gradient, moved.gradient, atol=1e-4)


@pytest.mark.slow
def test_strides_draw_a_checkerboard_that_jitter_weakens(image):
    shares = {
        (pooling, jitter): pattern_share(
            dream(
                excitement(network(pooling, width=8), "block2"),
                image,
                steps=8,
                octaves=1,
                jitter=jitter,
            ).gradient[None],
            2,
        )
        for pooling in ("average", "strided")
        for jitter in (0, 8)
    }
    assert shares["strided", 0] > 0.1
    assert shares["strided", 8] < 0.7 * shares["strided", 0]
    assert shares["average", 0] < 0.2 * shares["strided", 0]


@pytest.mark.parametrize(
    "function, message",
    [
        (lambda: excitement(network(), "block9"), "No such layer: block9"),
        (lambda: excitement(network(), "block1", 2), "`channel` must be below"),
        (lambda: dream(ops.mean, np.zeros((8, 8, 3)), 0), "`steps` must be"),
        (
            lambda: dream(ops.mean, np.zeros((8, 8, 3)), octaves=0),
            "`octaves` must be",
        ),
    ],
)
def test_wrong_arguments_are_refused(function, message):
    with pytest.raises(ValueError, match=message):
        function()


def config(tmp_path, **kwargs):
    path = tmp_path / "classifier.keras"
    network().save(path)
    return {
        "model": str(path),
        "image_size": 32,
        "steps": 2,
        "octaves": 2,
        "workdir": str(tmp_path / "run"),
    } | kwargs


def test_command_leaves_dreams_gradients_and_scores(tmp_path):
    result = entry_points.run("deep_dream", config(tmp_path))
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "run"
    for stem in ("dream_jitter", "gradient_without_jitter"):
        assert (folder / f"{stem}.png").exists()
        assert f"{stem}.png" in result.stdout
    scores = json.loads((folder / "scores.json").read_text())
    assert scores.keys() == {"without_jitter", "jitter"}
    assert scores["jitter"].keys() == {"2", "4", "8"}


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"layer": "block9"}, "No such layer"),
        ({"model": "no.keras"}, "cannot be loaded"),
        ({"steps": 0}, "`steps` must be"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, changes, message):
    with pytest.raises(UsageError, match=message):
        deep_dream.train(deep_dream.Config(**config(tmp_path, **changes)))
