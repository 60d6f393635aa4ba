"""Style transfer by deconvolution and by resize-convolution."""

import pathlib

import numpy as np
from PIL import Image

from train import style_transfer
from train.reproduce.figures import side_by_side
from train.reproduce.findings import (
    PATTERN_DB,
    Claim,
    Findings,
    excess,
    in_words,
    scores_of,
)

UPSAMPLERS = {"deconvolution": "deconv", "resize-convolution": "nearest"}


def experiment(settings):
    """Returns the `Findings`; two short trainings on bundled pictures."""
    configs = {
        name: _config(settings, upsample)
        for name, upsample in UPSAMPLERS.items()
    }
    scores = {
        name: scores_of(config, style_transfer.train)
        for name, config in configs.items()
    }
    sheets = [
        np.asarray(Image.open(pathlib.Path(config.workdir) / "samples.png"))
        for config in configs.values()
    ]
    # The first photograph in the first styles, twice as large.
    side = style_transfer.Config.image_size // 2
    side_by_side(
        [sheet[:side, : 3 * side] for sheet in sheets],
        settings.report / "style_transfer.png",
        2,
    )
    return Findings(
        _claims(scores),
        scores,
        {
            "style_transfer.png": "A photograph and two styles: "
            f"{', '.join(configs)}."
        },
    )


def _config(settings, upsample):
    return style_transfer.Config(
        **settings.common,
        workdir=str(settings.runs / f"style_transfer-{upsample}"),
        upsample=upsample,
        features="classifier",
        classifier="classifier_cifar10",
        epochs=settings.epochs_of(quick=2, full=6),
        steps=50,
        image_size=style_transfer.Config.image_size // 2,
        width=16,
        blocks=3,
        learning_rate=2e-3,
    )


def _claims(scores):
    values = {
        name: excess(rows["trained"], rows["photographs"])
        for name, rows in scores.items()
    }
    texts = {name: in_words(row) for name, row in values.items()}
    return [
        Claim(
            "Style transfer by deconvolution has heavy checkerboard artifacts.",
            texts["deconvolution"],
            max(values["deconvolution"].values()) > PATTERN_DB,
        ),
        Claim(
            "With resize-convolution they disappear.",
            texts["resize-convolution"],
            max(values["resize-convolution"].values()) < PATTERN_DB,
        ),
    ]
