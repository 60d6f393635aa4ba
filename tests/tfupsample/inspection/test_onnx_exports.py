"""ONNX files get the findings of the Keras models they came from."""

import exported_files
import keras
import public_examples as examples
import pytest
from keras import layers, ops

from models import (
    autoencoder,
    dcgan,
    segmentation,
    style_transfer,
    super_resolution,
)
from tfupsample import UPSAMPLERS
from tfupsample.inspection.inspect import inspect_model
from tfupsample.inspection.onnx.inspect import inspect_onnx

pytestmark = exported_files.WARNINGS


def mixed():
    """Every kind of trap, with sizes that are not known."""
    images = keras.Input((None, None, 3))
    x = layers.MaxPooling2D()(images)
    x = layers.Conv2D(4, 3, 2, "same")(x)
    x = layers.Conv2DTranspose(4, 4, 2, "same")(x)
    x = layers.UpSampling2D()(x)
    x = layers.AveragePooling2D(2, 1)(layers.ZeroPadding2D(1)(x))
    x = layers.Conv2DTranspose(4, 3, 2, "same")(x)
    x = layers.Conv2D(12, 3, padding="same")(x)
    x = ops.nn.depth_to_space(layers.ReLU()(x), 2)
    return keras.Model(images, x, name="mixed")


def decoder(upsample):
    return autoencoder.decoder(32, width=4, code=8, upsample=upsample)


MODELS = {
    "mixed": mixed,
    "vae": examples.keras_vae,
    "espcn": examples.keras_super_resolution,
    "clean unet": lambda: examples.clean_unet(2, 1),
    "encoder": lambda: autoencoder.encoder(32, width=4, code=8),
    "decoder": lambda: decoder("nearest"),
    "decoder subpixel": lambda: decoder("subpixel"),
    "super resolution": lambda: super_resolution.super_resolution(
        2, width=4, blocks=1
    ),
    "unet": lambda: segmentation.unet(width=4, depth=2),
    "unet deconv": lambda: segmentation.unet(
        width=4, depth=2, upsample="deconv", pad_mode="constant"
    ),
}


def generator(upsample):
    return dcgan.generator(32, latent_dim=8, width=4, upsample=upsample)


def exported(model, path):
    """Writes a file with other scales than those at the start of training."""
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            spread = keras.random.uniform(layer.gamma.shape, 0.5, 2, seed=1)
            layer.gamma.assign(spread)
    model(model.input)  # or the exporter refuses
    model.export(path, format="onnx", verbose=False)
    return path


def check_alike(model, path, samples=4):
    exported(model, path)
    of_keras = inspect_model(model, probe=samples > 0, samples=samples)
    of_onnx = inspect_onnx(path, samples)
    assert facts(of_onnx) == facts(of_keras)
    of_keras, of_onnx = found(of_keras), found(of_onnx)
    assert [m for *_, m in of_onnx] == pytest.approx(
        [m for *_, m in of_keras], abs=1e-5
    )


def found(inspection):
    """What does not depend on names."""
    return sorted(
        (f.kind, f.severity, f.period or 0, f.magnitude or 0.0)
        for f in inspection.findings
    )


def facts(inspection):
    return [row[:3] for row in found(inspection)]


@pytest.mark.slow
@pytest.mark.parametrize("upsample", [u for u in UPSAMPLERS if u != "carafe"])
def test_generators(upsample, tmp_path):
    check_alike(generator(upsample), tmp_path / "model.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_networks(name, tmp_path):
    check_alike(MODELS[name](), tmp_path / "model.onnx")


def test_a_generator_that_is_not_run(tmp_path):
    check_alike(generator("deconv"), tmp_path / "model.onnx", samples=0)


@pytest.mark.slow
@pytest.mark.parametrize("upsample", ["nearest", "deconv"])
def test_style_transfer(upsample, tmp_path):
    network = style_transfer.network(3, width=2, blocks=1, upsample=upsample)
    check_alike(network, tmp_path / "model.onnx")


@pytest.mark.slow
def test_parts_of_carafe_may_paint(tmp_path):
    """What the docs say of it, and no more."""
    path = exported(generator("carafe"), tmp_path / "model.onnx")
    assert facts(inspect_onnx(path, 2)) == [
        ("no ICNR", "may paint", period) for period in (2, 4, 8)
    ]


def test_ripples_are_those_of_the_keras_model(tmp_path):
    """Each step computes what the layer computes."""
    model = generator("deconv")
    path = exported(model, tmp_path / "model.onnx")
    rows = [
        inspection.probe["forward"]["flat"]
        for inspection in (
            inspect_model(model, samples=2),
            inspect_onnx(path, 2),
        )
    ]
    for period in ("2", "4", "8"):
        values = [row[period]["ripple"] for row in rows]
        assert values[0] == pytest.approx(values[1], abs=1e-5)
