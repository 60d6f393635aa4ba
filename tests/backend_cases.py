"""Losses, measures, inspection and repair, to be compared between backends."""

import dataclasses
from unittest import mock

import keras
import numpy as np
from derivatives import derivatives
from keras import layers

import tfupsample
from tfupsample import inspect_model, repair_model
from tfupsample.images.arrays import to_uint8
from tfupsample.inspection import probe
from tfupsample.measures.border import border_error
from tfupsample.measures.equivariance import equivariance
from tfupsample.measures.gradient import gradient_pattern
from tfupsample.measures.operator import operator_matrix
from tfupsample.measures.score import score_images
from tfupsample.measures.spectrum import (
    power_spectrum,
    radial_spectrum,
    spectral_distance,
)

LOSSES = {
    "spectral": tfupsample.SpectralLoss(),
    "border": tfupsample.BorderLoss(),
    "total_variation": tfupsample.TotalVariationLoss(),
}


def filled(model):
    """The model with weights that no backend draws."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape) / 4)
    return model


def painter():
    """The last layer paints a pattern, the first a border."""
    return filled(
        keras.Sequential(
            [
                keras.Input((16, 16, 3)),
                layers.Conv2D(8, 3, padding="same", name="border"),
                layers.Conv2DTranspose(8, 4, 2, "same", name="even"),
                layers.Conv2DTranspose(3, 3, 2, "same", name="paints"),
            ],
            name="painter",
        )
    )


def clean():
    return filled(
        keras.Sequential(
            [
                keras.Input((None, None, 3)),
                tfupsample.PaddedConv2D(4, 3, activation="relu", name="mix"),
                tfupsample.ResizeConv2D(
                    3, interpolation="bilinear", name="enlarge"
                ),
            ],
            name="clean",
        )
    )


def loss_derivatives():
    """`{loss: [value, gradients by the made images, of first and second]}`."""
    rng = np.random.default_rng(2)
    real, made = rng.uniform(-1, 1, size=(2, 4, 16, 16, 3)).astype("float32")
    return {
        name: derivatives(lambda y, loss=loss: loss(real, y), [made])
        for name, loss in LOSSES.items()
    }


def measured():
    """`{measure: numbers}`, of those that run models or Keras operations."""
    images = pictures()
    crop = clean().layers[-1]
    scores = score_images(list(to_uint8(images)), (2,))
    return {
        # Rings further inside are equal, of an infinite PSNR.
        "border_error": border_error(clean(), images[0], 16, 2).psnr[:2],
        "equivariance": [equivariance(clean(), images)],
        "gradient_pattern": gradient_pattern(clean(), (16, 16, 3), 2)[:2],
        "operator_matrix": operator_matrix(crop, (4, 4), channels=4),
        "power_spectrum": power_spectrum(images),
        "radial_spectrum": radial_spectrum(images)[1],
        "score": dataclasses.astuple(scores.pooled.measures[2]),
        "spectral_distance": [spectral_distance(images, images[:2])],
    }


def pictures():
    rng = np.random.default_rng(3)
    return rng.uniform(-1, 1, size=(4, 32, 32, 3)).astype("float32")


def inspected():
    """What is found in each model, as `Inspection.to_json` says it."""
    # However slow, or samples and batches would be fewer.
    with mock.patch.object(probe, "SECONDS", 1e6):
        return {
            model.name: inspect_model(model, samples=4).to_json()
            for model in (painter(), clean())
        }


def repaired(method):
    """The scores and outputs of the painter after a repair."""
    result = repair_model(painter(), method=method)
    said = {
        "before": result.before,
        "after": result.after,
        "moved": result.moved,
        "border": result.border,
        "psnr_db": result.psnr_db,
        "warnings": result.warnings,
    }
    return said, result.outputs[1]


def distilled_psnr():
    """The PSNR, in dB, after 50 steps that imitate the painter."""
    result = repair_model(painter(), method="balance", layers="all", steps=50)
    assert result.steps == 50
    return result.psnr_db


def made_by(name):
    """What a trained model makes of numbers between -1 and 1."""
    model = tfupsample.load_pretrained(name, kind="keras")
    rng = np.random.default_rng(4)

    def drawn(x):
        return rng.uniform(-1, 1, (2, *(n or 32 for n in x.shape[1:])))

    inputs = keras.tree.map_structure(drawn, model.input)
    return model.predict(inputs, verbose=0)
