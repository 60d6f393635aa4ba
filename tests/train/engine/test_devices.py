"""Where trainings run: devices, precision, and what devices share."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from train import autoencoder, classifier, dcgan
from train.data import batches, load_images
from train.engine import checkpoint, devices, sharing
from train.engine.config import BasicConfig
from train.engine.options import UsageError
from train.engine.run import Run
from train.evaluation.artifacts import samples


@pytest.fixture
def toy(photos, tmp_path):
    return dcgan.Config(
        workdir=str(tmp_path / "one"),
        dataset="folder",
        data_dir=str(photos),
        image_size=16,
        batch_size=8,
        epochs=2,
        width=2,
        latent_dim=4,
        device="cpu",
        xla="off",
    )


def trained(config):
    """Trains a DCGAN; returns the losses and the last checkpoint."""
    images = load_images(
        "folder", config.image_size, config.data_dir, max_images=8
    ).images
    with devices.placed(config) as config:
        run = Run("dcgan", config)
        model = dcgan.build(config, images.shape[-1])
        network = model.averaged_generator()
        run.fit(model, images, lambda: samples(network, 4))
    lines = (run.path / "metrics.jsonl").read_text().splitlines()
    losses = [
        [row["generator_loss"], row["discriminator_loss"]]
        for row in map(json.loads, lines)
    ]
    return losses, checkpoint.read(checkpoint.paths(run.checkpoints)[-1])


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_two_devices_train_as_one_with_the_whole_batch(toy, tmp_path):
    """Through a checkpoint too. Latents or statistics of each: 1e-2 apart."""
    two = dataclasses.replace(
        toy, workdir=str(tmp_path / "two"), num_devices=2, epochs=1
    )
    trained(two)
    losses, weights = trained(dataclasses.replace(two, epochs=2))
    expected_losses, expected = trained(toy)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    assert weights.keys() == expected.keys()
    for key, array in expected.items():
        np.testing.assert_allclose(weights[key], array, rtol=1e-4, atol=1e-6)


@pytest.mark.soak
@pytest.mark.parametrize(
    "trainer, arguments, settings",
    [
        (classifier, (3, 3, 6), {}),
        (autoencoder, (3,), {"variational": True, "code": 4, "depth": 2}),
    ],
)
def test_other_models_train_as_on_one_device(rng, trainer, arguments, settings):
    images = rng.integers(0, 255, (24, 16, 16, 3), dtype="uint8")
    labels = np.eye(3, dtype="float32")[np.arange(24) % 3]
    config = trainer.Config(
        device="cpu", image_size=16, batch_size=8, width=4, **settings
    )
    weights = []
    for count in (1, 2):
        several = dataclasses.replace(config, num_devices=count)
        with devices.placed(several) as several:
            model = trainer.build(several, *arguments)
            targets = labels if trainer is classifier else None
            with sharing.shared_batches(model, several):
                data = batches(images, 8, 0, 0, 2, targets)
                model.fit(data, shuffle=False, verbose=0)
        weights.append([np.asarray(v) for v in model.trainable_variables])
    for one, two in zip(*weights, strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-4, atol=1e-5)


def test_statistics_are_common_while_devices_share_batches_only():
    norm = keras.layers.BatchNormalization()
    with devices.placed(BatchConfig(device="cpu", num_devices=2)) as config:
        model = keras.Sequential([keras.Sequential([keras.Input((3,)), norm])])
        model.compile("sgd", "mse")
    with sharing.shared_batches(model, config):
        assert norm.synchronized
    assert not norm.synchronized


@dataclasses.dataclass(frozen=True)
class BatchConfig(BasicConfig):
    """Settings of a trainer that does not exist."""

    batch_size: int = 12


@pytest.mark.parametrize(
    "precision, kind, expected",
    [
        ("auto", "cpu", "float32"),
        ("auto", "gpu", "mixed_bfloat16"),
        ("auto", "tpu", "mixed_bfloat16"),
        ("mixed_float16", "cpu", "mixed_float16"),
        ("float32", "gpu", "float32"),
    ],
)
def test_automatic_precision_depends_on_the_device(precision, kind, expected):
    assert devices.resolved(precision, kind) == expected


def test_the_precision_of_a_run_is_the_resolved_one():
    with devices.placed(BatchConfig(device="cpu")) as config:
        assert config.precision == "float32"
        assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    "settings, available, expected",
    [
        ({}, 4, 4),
        ({"num_devices": 3}, 4, 3),
        ({"batch_size": 1}, 4, 1),
        ({"hosts": "a:1,b:1,c:1"}, 2, 2),
    ],
)
def test_all_devices_share_a_batch_by_default(settings, available, expected):
    assert devices.counted(BatchConfig(**settings), available) == expected


@pytest.mark.parametrize(
    "settings, available, message",
    [
        ({"num_devices": 3}, 2, "--num_devices=3 is more than the 2"),
        ({"num_devices": -1}, 2, "--num_devices must be 0 or more"),
        ({}, 5, "A batch of 12 cannot be shared equally among 5 devices"),
        ({"hosts": "a:1,b:1"}, 12, "among 24 devices"),
    ],
)
def test_batches_that_cannot_be_shared_are_refused(
    settings, available, message
):
    with pytest.raises(UsageError, match=message):
        devices.counted(BatchConfig(**settings), available)


@pytest.mark.skipif(
    bool(tf.config.list_physical_devices("GPU")), reason="there is a GPU"
)
def test_a_gpu_that_is_not_there_is_one_sentence():
    with (
        pytest.raises(UsageError, match="Keras finds no gpu"),
        devices.placed(BatchConfig(device="gpu")),
    ):
        pass


def test_tpus_are_for_jax():
    with (
        pytest.raises(UsageError, match="KERAS_BACKEND=jax"),
        devices.placed(BatchConfig(device="tpu")),
    ):
        pass
