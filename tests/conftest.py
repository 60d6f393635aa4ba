import os

# TensorFlow reads them when it is first imported. At toy size XLA compiles for
# longer than it computes, so it optimises little; if it did not at all, some of
# its faults would not show.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=1")

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

# Two virtual processors, for what concerns several devices.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)


def pytest_collection_modifyitems(items):
    """Longest first: trainers, the whole library, its parts, models, pages.

    A module, with its fixtures, is run by one process; the last ones must be
    short, or the other process waits.
    """
    items.sort(key=lambda item: item.path, reverse=True)


@pytest.fixture(autouse=True, scope="session")
def traced_once():
    """Keras traces a training step again if the first created variables."""
    make_train_function = keras.Model.make_train_function

    def built_first(model, force=False):
        if model.built and not getattr(model.optimizer, "built", True):
            with model.distribute_strategy.scope():
                model.optimizer.build(model.trainable_variables)
        make_train_function(model, force)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "make_train_function", built_first)
        yield


@pytest.fixture
def eager():
    """Few steps are quicker without tracing graphs."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def seeds():
    keras.utils.set_random_seed(0)


@pytest.fixture
def photos(rng, tmp_path):
    """A folder of 24 pictures, so that no data set need be made."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(24):
        pixels = rng.integers(0, 255, size=(16, 20, 3), dtype="uint8")
        Image.fromarray(pixels).save(folder / f"{i:02d}.png")
    return folder


@pytest.fixture
def in_process(monkeypatch):
    """Lets `tfupsample inspect` open files without a process for each."""
    from tfupsample.inspection.inspect_file import inspect_file
    from tfupsample.model_files import sandbox

    monkeypatch.setattr(
        sandbox,
        "call",
        lambda _, arguments, *__, **___: inspect_file(**arguments),
    )
