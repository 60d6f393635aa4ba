"""A U-Net whose decoder meets odd sizes by `like=`, from training to tiles."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from exported_files import WARNINGS, run_litert, run_onnx

from tfupsample import (
    FilteredConvTranspose2D,
    PaddedConv2D,
    ResizeConv2D,
    SubpixelConv2D,
)
from tfupsample.images.reach import reach
from tfupsample.images.tiling import apply_tiled

pytestmark = [*WARNINGS, pytest.mark.slow]

ODD = (89, 75)
LEVELS = 3


def unet(*upsamplers, classes=2, width=4):
    """As many levels as there are upsamplers; for images of any size."""
    x = images = keras.Input((None, None, 3))
    skips = []
    for level in range(len(upsamplers)):
        x = PaddedConv2D(width << level, 3, activation="relu")(x)
        skips.append(x)
        x = PaddedConv2D(width << (level + 1), 4, 2, activation="relu")(x)
    for upsampler in upsamplers:
        skip = skips.pop()
        x = upsampler(skip.shape[-1], activation="relu")(x, like=skip)
        x = keras.layers.Concatenate()([skip, x])
    return keras.Model(images, PaddedConv2D(classes, 3)(x))


@pytest.fixture(scope="module")
def trained():
    """The network, what it has learned from, and its accuracies."""
    rng = np.random.default_rng(0)
    model = unet(SubpixelConv2D, FilteredConvTranspose2D, ResizeConv2D)
    coarse = rng.integers(0, 2, (8, 10, 9))
    masks = coarse.repeat(9, axis=1).repeat(9, axis=2)[:, :89, :75]
    noise = rng.normal(0, 0.3, (8, *ODD, 3))
    images = (masks[..., None] - 0.5 + noise).astype("float32")
    model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(images, masks, 4, epochs=15, verbose=0).history
    return model, images, history["accuracy"]


def test_it_learns(trained):
    _, _, accuracy = trained
    assert accuracy[-1] > 0.95 > accuracy[0]


def test_it_predicts_in_tiles(trained):
    model, images, _ = trained
    context = reach(model.predict_on_batch, multiple=1 << LEVELS)
    done = []
    tiled = apply_tiled(
        model.predict_on_batch,
        images[0],
        tile=80,
        context=context,
        multiple=1 << LEVELS,
        progress=lambda *count: done.append(count),
    )
    assert done[-1][0] == done[-1][1] > 1
    whole = model.predict_on_batch(images[:1])[0]
    np.testing.assert_allclose(tiled, whole, atol=1e-4)


OTHER = (50, 97)


def check(run, model, images):
    wide = np.tile(images[:1], (1, 2, 2, 1))[:, : OTHER[0], : OTHER[1]]
    for x in (images[:2], wide):
        np.testing.assert_allclose(run(x), model(x), atol=1e-4)


def test_it_is_exported(trained, tmp_path):
    model, images, _ = trained
    model.save(tmp_path / "model.keras")
    check(keras.models.load_model(tmp_path / "model.keras"), model, images)
    model.export(tmp_path / "saved_model", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    check(served.serve, model, images)


@pytest.mark.parametrize(
    "file_format, run", [("litert", run_litert), ("onnx", run_onnx)]
)
def test_it_is_converted(file_format, run, trained, tmp_path):
    model, images, _ = trained
    path = tmp_path / f"model.{file_format.replace('litert', 'tflite')}"
    model.export(path, format=file_format, verbose=False)
    check(lambda x: run(path, x), model, images)


def test_xla_trains_it_on_batches_of_several_sizes():
    model = unet(ResizeConv2D, width=2)
    model.compile("adam", "mse", jit_compile=True)
    for size in ((9, 6), (7, 11)):
        x = np.zeros((1, *size, 3), "float32")
        assert np.isfinite(model.train_on_batch(x, np.ones((1, *size, 2))))
