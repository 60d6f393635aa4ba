"""What the trainer of a generator measures at the end, at toy size."""

import json
import types

import keras
import numpy as np
import pytest
from PIL import Image

from models.classifier import classifier
from tfupsample.images.arrays import from_uint8
from tfupsample.measures.kernel_distance import kernel_distance
from train import dcgan
from train.engine.options import UsageError
from train.evaluation import artifacts, distances, finish

pytestmark = pytest.mark.usefixtures("eager")


@pytest.fixture
def real(rng):
    """40 smooth pictures."""
    small = rng.integers(0, 255, size=(40, 6, 6, 3), dtype="uint8")
    resized = [
        Image.fromarray(x).resize((32, 32), Image.Resampling.BICUBIC)
        for x in small
    ]
    return np.array(resized)


@pytest.fixture(scope="module")
def classifier_file(tmp_path_factory):
    keras.utils.set_random_seed(0)
    path = tmp_path_factory.mktemp("classifier") / "classifier.keras"
    classifier(None, width=2).save(path)
    return str(path)


def test_equal_images_have_no_distance(real, classifier_file):
    judge = distances.Judge(real, "real", classifier_file)
    scores = judge.distances(real)
    assert scores["sliced_wasserstein"] == {
        32: pytest.approx(0, abs=1e-4),
        16: pytest.approx(0, abs=1e-4),
    }
    assert scores["spectral_db"] == pytest.approx(0, abs=1e-4)
    assert scores["frechet on classifier"] == pytest.approx(0, abs=1e-4)
    assert (scores["reference"], scores["images"]) == ("real", 40)


def test_noise_lies_further_from_real_images_than_they_do(
    real, rng, classifier_file
):
    judge = distances.Judge(real[:20], "real", classifier_file)
    near = judge.distances(real[20:])
    noise = rng.integers(256, size=(20, 32, 32, 3), dtype="uint8")
    far = judge.distances(noise)
    for name in ("spectral_db", "kid on classifier", "frechet on classifier"):
        assert far[name] > 2 * near[name]
    assert far["sliced_wasserstein"][32] > 2 * near["sliced_wasserstein"][32]


def test_features_are_those_of_the_classifier(real, rng, classifier_file):
    others = rng.integers(256, size=(40, 32, 32, 3), dtype="uint8")
    model = keras.saving.load_model(classifier_file)
    blocks = keras.Model(model.input, model.get_layer("block4").output)
    features = [
        np.mean(blocks(from_uint8(x)), axis=(1, 2)) for x in (others, real)
    ]
    judge = distances.Judge(real, "real", classifier_file)
    assert judge.distances(others)["kid on classifier"] == pytest.approx(
        kernel_distance(*features), rel=1e-3
    )


def test_images_that_are_not_rounded_are_refused(real):
    """What 8 bits round away from real images alone is a distance."""
    judge = distances.Judge(real, "real")
    for measure in (judge.distances, artifacts.artifact_scores):
        with pytest.raises(ValueError, match="uint8"):
            measure(from_uint8(real))


def test_fewer_images_than_features_are_named(real, classifier_file, capsys):
    distances.Judge(real[:10], "real", classifier_file)
    assert "10 images" in capsys.readouterr().err
    distances.Judge(real, "real", classifier_file)
    assert not capsys.readouterr().err


def test_sets_are_compared_in_equal_numbers(real):
    """Of the longer one, images spread evenly."""
    scores = distances.Judge(real, "real").distances(real[::4])
    assert scores["images"] == 10
    assert max(scores["sliced_wasserstein"].values()) < 1e-4


def test_confidence_is_the_mean_largest_probability():
    images = np.zeros((2, 8, 8, 3), "float32")
    images[0] += np.log([1, 1, 2])  # probabilities 1/4, 1/4, 1/2
    inputs = keras.Input((8, 8, 3))
    outputs = keras.layers.GlobalAveragePooling2D()(inputs)
    value = distances.confidence(keras.Model(inputs, outputs), images)
    assert value == pytest.approx((1 / 2 + 1 / 3) / 2)


def test_training_images_are_halved_where_none_are_held_out(real):
    config = types.SimpleNamespace(
        dataset="folder",
        data_dir="",
        test_dir="",
        image_size=32,
        classifier="",
        inception_weights="",
        samples=1024,
    )
    judge, beside = distances.judge(config, real)
    assert judge.reference == "other training images"
    assert len(beside) == len(judge.real) == 20
    seen = {x.astype("float32").tobytes() for x in from_uint8(beside)}
    assert seen.isdisjoint(x.tobytes() for x in judge.real)
    judge, beside = distances.judge(config, real[:1])
    assert len(beside) == len(judge.real) == 1


@pytest.mark.slow
def test_dcgan_writes_and_prints_distances(
    real, tmp_path, classifier_file, capsys, monkeypatch
):
    monkeypatch.setattr(finish, "export", lambda *_: ("", ""))
    for part, images in (("train", real[:24]), ("test", real[24:])):
        (tmp_path / part).mkdir()
        for i, pixels in enumerate(images):
            Image.fromarray(pixels).save(tmp_path / part / f"{i:02d}.png")
    toy = dcgan.Config(
        workdir=str(tmp_path / "run"),
        dataset="folder",
        data_dir=str(tmp_path / "train"),
        test_dir=str(tmp_path / "test"),
        classifier=classifier_file,
        image_size=16,
        batch_size=8,
        epochs=0,
        width=2,
        latent_dim=4,
    )
    dcgan.train(toy)
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    row = scores["trained"]["distances"]
    assert row["reference"] == "held-out images"
    assert row["images"] == 16
    assert 0.1 <= row["confidence"] <= 1
    near = scores["training images"]["distances"]["sliced_wasserstein"]["16"]
    assert row["sliced_wasserstein"]["16"] > near
    printed = capsys.readouterr().out
    assert "Distances to held-out images" in printed
    assert f"{row['kid on classifier']:.5g}" in printed


@pytest.mark.soak  # a large network
def test_inception_reads_its_weights(tmp_path, rng):
    network = keras.applications.InceptionV3(
        include_top=False, weights=None, pooling="avg"
    )
    path = str(tmp_path / "inception.weights.h5")
    network.save_weights(path)
    images = rng.uniform(-1, 1, size=(1, 299, 299, 1)).astype("float32")
    features = distances.inception(path, channels=1)(images)
    expected = network(np.repeat(images, 3, axis=-1))
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-5)


def test_classifiers_that_come_with_the_package_go_by_name():
    classifier = distances.load_classifier("classifier_cifar10", channels=3)
    assert classifier.output_shape == (None, 10)


def test_unusable_files_are_named(real, tmp_path, classifier_file):
    with pytest.raises(UsageError, match="There is no file"):
        distances.Judge(real, "real", str(tmp_path / "none.keras"))
    with pytest.raises(UsageError, match="on images of 1 channels"):
        distances.Judge(real[..., :1], "real", classifier_file)
    other = [keras.Input((8, 8, 3)), keras.layers.Flatten()]
    keras.Sequential(other).save(tmp_path / "other.keras")
    with pytest.raises(UsageError, match="trained on images of 3 channels"):
        distances.Judge(real, "real", str(tmp_path / "other.keras"))
    with pytest.raises(UsageError, match="at least 2 images"):
        distances.Judge(real[:1], "real", classifier_file)
    with pytest.raises(UsageError, match="cannot be loaded"):
        distances.inception(str(tmp_path / "none.h5"), 3)
