"""Training in float16: small gradients do not vanish, overflows do no harm."""

import gc

import entry_points
import float16_steps
import keras
import numpy as np
import processes
import pytest

from models import perceptual
from train import (
    autoencoder,
    classifier,
    dcgan,
    deep_image_prior,
    segmentation,
    style_transfer,
    stylegan2,
    super_resolution,
)
from train.engine import checkpoint, devices
from train.engine.config import RunConfig
from train.engine.interruptions import NotFinite
from train.engine.options import UsageError
from train.engine.run import Run


@pytest.fixture(autouse=True)
def float16():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


MODELS = (
    float16_steps.gan,
    pytest.param(float16_steps.enlarger, marks=pytest.mark.slow),
)


@pytest.mark.parametrize("make", MODELS)
def test_small_gradients_do_not_vanish(make):
    float16_steps.check_small(make)


@pytest.mark.parametrize("make", MODELS)
def test_a_step_that_overflows_is_left_out(make):
    float16_steps.check_large(make)


@pytest.mark.soak
def test_jax_does_the_same():
    environment = entry_points.environment("jax")
    folder = processes.ROOT / "tests"
    ended = processes.run("-m", "float16_steps", folder=folder, **environment)
    assert ended.stdout == "checked on jax\n", ended.stderr


def prior():
    config = deep_image_prior.Config(image_size=32, width=2, depth=1)
    return deep_image_prior.build(config, deep_image_prior.problem(config))


def style():
    config = style_transfer.Config(width=1, blocks=1, image_size=16)
    pictures = [np.random.default_rng(0).uniform(-1, 1, (16, 16, 3))]
    return style_transfer.build(config, pictures, perceptual.multiscale(2, 1))


SMALL = {"image_size": 16, "width": 1, "batch_size": 2}
TRAINERS = {
    "autoencoder": lambda: autoencoder.build(autoencoder.Config(**SMALL), 3),
    "classifier": lambda: classifier.build(
        classifier.Config(**SMALL), 3, 2, steps=9
    ),
    "dcgan": lambda: dcgan.build(dcgan.Config(**SMALL), 3, 9),
    "deep_image_prior": prior,
    "segmentation": lambda: segmentation.build(
        segmentation.Config(**SMALL), 3, 2
    ),
    "style_transfer": style,
    "stylegan2": lambda: stylegan2.build(stylegan2.Config(**SMALL), 3, 9),
    "super_resolution": lambda: super_resolution.build(
        super_resolution.Config(**SMALL, blocks=0)
    ),
}


SLOW = [pytest.param("stylegan2", marks=pytest.mark.slow)]


@pytest.mark.parametrize("name", [*SLOW, *sorted({*TRAINERS} - {"stylegan2"})])
def test_every_trainer_scales_its_loss(name):
    optimizer = TRAINERS[name]().optimizer
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)


def fit(folder, epochs, target, rate=1e-3):
    """Trains a toy towards a target; returns its optimizer."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3, padding="same")]
    )
    model.compile(keras.optimizers.Adam(rate), "mse")
    images = np.random.default_rng(0).integers(0, 255, (24, 4, 4, 1), "uint8")
    config = RunConfig(workdir=str(folder), epochs=epochs, batch_size=2)
    gc.collect()  # or the run before still holds the folder
    Run("toy", config).fit(
        model,
        images,
        lambda: np.zeros((1, 4, 4, 1)),
        np.full(images.shape, target, "float32"),
    )
    return model.optimizer


def test_overflows_do_not_end_a_run_and_resuming_keeps_the_scale(tmp_path):
    """Gradients of a distance of 1,000 overflow if the scale is 2**15."""
    optimizer = fit(tmp_path, 1, 1e3)
    scale = float(optimizer.dynamic_scale)
    assert scale in (2.0**n for n in range(15))
    left_out = 15 - np.log2(scale)
    assert int(optimizer.iterations) == 12 - left_out
    stored = checkpoint.read(checkpoint.paths(tmp_path / "checkpoints")[-1])
    assert stored["loss_scale_optimizer/dynamic_scale"] == scale
    resumed = fit(tmp_path, 2, 1e3)
    assert float(resumed.dynamic_scale) == scale
    assert int(resumed.iterations) == 24 - left_out


@pytest.mark.slow
def test_a_run_none_of_whose_gradients_is_finite_ends(tmp_path, monkeypatch):
    """It would learn nothing, though its losses are finite."""
    monkeypatch.setattr(
        keras.optimizers.LossScaleOptimizer,
        "check_finite",
        lambda *_: keras.ops.convert_to_tensor(False),
    )
    with pytest.raises(NotFinite, match="gradients overflow.*epoch 4"):
        fit(tmp_path, 9, 1.0)  # 2**15 is halved twelve times an epoch


def test_tensorflow_looks_for_overflows_on_one_device():
    config = RunConfig(
        precision="mixed_float16", num_devices=2, batch_size=4, device="cpu"
    )
    with pytest.raises(UsageError, match="mixed_float16 needs --num_devices=1"):
        with devices.placed(config):
            pass
