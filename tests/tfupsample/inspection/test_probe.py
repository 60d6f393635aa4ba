"""What running a whole model shows: flat images, noise, latents, gradients."""

import itertools
import types

import keras
import numpy as np
import pytest
from keras import layers, ops

from models import dcgan
from tfupsample import PaddedConv2D
from tfupsample.inspection import probe as probing
from tfupsample.inspection.inspect import inspect_model
from tfupsample.inspection.probe_inputs import Given, draw


def on_images(*stack, size=None, channels=3):
    """A functional model of a stack of layers or functions."""
    x = images = keras.Input((size, size, channels))
    for layer in stack:
        x = layer(x)
    return keras.Model(images, x, name="stack")


def test_ripple_of_flat_images_is_that_of_the_kernel():
    model = on_images(
        layers.Conv2DTranspose(1, 2, 2, use_bias=False), channels=1
    )
    signs = np.array([[1, -1], [-1, 1]])
    model.layers[-1].kernel.assign((1 + 0.2 * signs)[..., None, None])
    probe = inspect_model(model, samples=2).probe
    assert probe["kind"] == "image to image"
    ripple = probe["forward"]["flat"]["2"]["ripple"]
    # Random colours have a mean near 0 and so about their own variance.
    assert ripple == pytest.approx(0.2 / np.hypot(1, 0.2), rel=0.1)


def hidden_shuffle(x):
    batch, height, width, channels = x.shape
    x = ops.reshape(x, (-1, height, width, 2, 2, channels // 4))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, 2 * height, 2 * width, channels // 4))


def test_a_pattern_that_no_layer_explains_is_found_by_running():
    model = on_images(PaddedConv2D(12, 3), hidden_shuffle, size=32)
    assert not inspect_model(model, probe=False).findings
    finding = inspect_model(model, samples=8).findings[0]
    assert (finding.layer, finding.severity) == ("stack", "paints")


def test_probe_of_generators_tells_upsamplers_apart():
    def score(upsample):
        keras.utils.set_random_seed(0)
        model = dcgan.generator(32, width=8, upsample=upsample, kernel_size=4)
        probe = inspect_model(model).probe
        assert probe["kind"] == "generator"
        return probe["forward"]["latents"]["2"]["coherent"]

    assert score("deconv") > 0.3
    assert score("nearest") < 0.03


def test_probe_of_a_classifier_has_gradients_only():
    probe = inspect_model(dcgan.discriminator(32, width=4), samples=4).probe
    assert probe["kind"] == "features"
    assert "forward" not in probe
    assert set(probe["gradient"]["noise"]) == {"2", "4", "8"}
    assert probe["gradient"]["noise"]["2"]["variance_ratio"] > 1.5


def test_slow_models_are_run_on_as_many_samples_as_time_allows(monkeypatch):
    model = on_images(layers.Conv2DTranspose(3, 3, 2), size=16)
    whole = inspect_model(model, samples=20)
    assert whole.probe["samples"] == 20
    ticks = itertools.count()
    # Each look at this clock takes a second.
    clock = types.SimpleNamespace(monotonic=lambda: float(next(ticks)))
    monkeypatch.setattr(probing, "time", clock)
    slow = inspect_model(model, samples=20)
    assert slow.probe["samples"] == 2
    assert slow.probe["gradient"].keys() == {"flat", "noise"}
    monkeypatch.setattr(probing, "SECONDS", 5.0)
    slower = inspect_model(model, samples=20)
    assert slower.probe["samples"] == 5
    assert "gradient" not in slower.probe
    monkeypatch.setattr(probing, "SECONDS", 0.5)
    slowest = inspect_model(model, samples=20)
    assert slowest.probe["samples"] == 1
    assert whole.findings == slow.findings == slower.findings
    assert whole.findings == slowest.findings


def test_models_of_a_fixed_batch_are_run_on_that(monkeypatch):
    images = keras.Input(batch_shape=(4, 16, 16, 3))
    x = ops.reshape(PaddedConv2D(3, 3)(images), (4, 16, 16, 3))
    model = keras.Model(images, x)
    monkeypatch.setattr(probing, "SECONDS", 0.0)
    assert inspect_model(model, samples=20).probe["samples"] == 4


def test_other_inputs_come_along():
    images = keras.Input((16, 16, 3))
    label, style = keras.Input((), dtype="int32"), keras.Input((4,))
    x = PaddedConv2D(4, 3)(images) + layers.Reshape((1, 1, 4))(style)
    x = x + layers.Reshape((1, 1, 4))(layers.Embedding(10, 4)(label))
    model = keras.Model([label, images, style], x)
    probe = inspect_model(model, samples=3).probe
    assert probe["kind"] == "image to image"
    assert probe["gradient"]["noise"]["2"]["share"] > 0


def test_models_that_do_not_run_say_why():
    class Picky(layers.Layer):
        def call(self, x):
            return ops.image.crop_images(x, 40, 40, 0, 0, 8, 8)

        def compute_output_shape(self, shape):
            return shape

    probe = inspect_model(on_images(Picky(), size=16)).probe
    assert probe["skipped"].startswith("It does not run: ")


def test_eight_flat_colours_vary_as_many_would(rng):
    (images,) = draw("flat", [Given((4, 4, 3), "float64")], 8, rng)
    assert np.ptp(images, axis=(1, 2)).max() == 0
    colours = images[:, 0, 0]
    np.testing.assert_allclose(colours.mean(axis=0), 0, atol=1e-12)
    uniform = np.eye(3) / 3
    np.testing.assert_allclose(np.cov(colours.T, bias=True), uniform, atol=1e-9)


def test_flat_integers_are_pixels(rng):
    (images,) = draw("flat", [Given((2, 2, 3), "uint8")], 64, rng)
    assert images.min() < 30 and images.max() > 225
    assert np.ptp(images, axis=(1, 2)).max() == 0
