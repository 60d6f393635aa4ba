"""DCGANs on shapes: which layers are deconvolutions, and the discriminator."""

import pathlib

import numpy as np
from PIL import Image

from tfupsample.images import arrays
from train import dcgan
from train.evaluation import artifacts
from train.reproduce.figures import side_by_side
from train.reproduce.findings import (
    PATTERN_DB,
    Claim,
    Findings,
    excess,
    in_words,
    scores_of,
)

MIXES = {
    "last two": "nearest,nearest,deconv,deconv",
    "last": "nearest,nearest,nearest,deconv",
    "none": "nearest",
}
STEMS = {"stride 2": "strided", "regular": "regular"}
_SHOWN = 4  # images a side of each sheet


def mixes(settings):
    """Returns the `Findings` on deconvolution in two, one, no layer."""
    configs = {
        f"deconv in {name}": _config(settings, upsample=upsample)
        for name, upsample in MIXES.items()
    }
    scores = {name: _trained(config) for name, config in configs.items()}
    _draw_untrained(configs, settings.report / "untrained.png")
    _draw_trained(configs, settings.report / "trained.png")
    names = ", ".join(configs)
    return Findings(
        [
            *(_before(name, scores[name]) for name in configs),
            *_after(*scores.values()),
        ],
        scores,
        {
            "untrained.png": f"Before training: {names}.",
            "trained.png": f"After training: {names}.",
        },
    )


def stems(settings):
    """Returns the `Findings` on the discriminator's first convolution.

    The generator is neither for nor against the pattern: its transposed
    convolutions of size 4 and stride 2 overlap evenly.
    """
    configs = {
        name: _config(
            settings,
            upsample="deconv",
            kernel_size=4,
            discriminator_stem=stem,
        )
        for name, stem in STEMS.items()
    }
    scores = {name: _trained(config) for name, config in configs.items()}
    _draw_trained(configs, settings.report / "stems.png")
    strided, regular = (_excess(rows, "trained") for rows in scores.values())
    return Findings(
        [
            Claim(
                "Deconvolutions of even overlap learn artifacts too.",
                f"size 4, stride 2: {in_words(strided)}",
                max(strided.values()) > PATTERN_DB,
            ),
            Claim(
                "A stride of 2 in the discriminator's first convolution causes "
                "artifacts of period 2; a regular one very mild ones.",
                f"period 2: {strided[2]:+.1f} dB with stride 2, "
                f"{regular[2]:+.1f} dB regular",
                strided[2] > PATTERN_DB and regular[2] < strided[2] / 2,
            ),
        ],
        scores,
        {"stems.png": f"After training: {', '.join(configs)}."},
    )


def _config(settings, **choices):
    name = "-".join(str(value) for value in choices.values())
    return dcgan.Config(
        **settings.common,
        workdir=str(settings.runs / f"dcgan-{name.replace(',', '-')}"),
        epochs=settings.epochs_of(quick=1, full=6),
        width=16,
        **choices,
    )


def _trained(config):
    """`{name: artifact_scores}`, without what else was measured."""
    scores = scores_of(config, dcgan.train)
    names = ("training images", "untrained", "trained")
    return {
        name: {p: scores[name][p] for p in map(str, artifacts.PERIODS)}
        for name in names
    }


def _excess(rows, name):
    return excess(rows[name], rows["training images"])


def _before(name, rows):
    values = _excess(rows, "untrained")
    expected = name != "deconv in none"
    return Claim(
        f"{name[0].upper()}{name[1:]}: {'' if expected else 'no '}artifacts "
        "before any training.",
        in_words(values),
        (values[2] > PATTERN_DB) == expected,
    )


def _after(two, one, none):
    """The claims on trained generators."""
    two, one, none = (_excess(rows, "trained") for rows in (two, one, none))
    return [
        Claim(
            "Deconv in the last two layers: artifacts of period 2 and 4 after "
            "training.",
            in_words(two),
            min(two[2], two[4]) > PATTERN_DB,
        ),
        Claim(
            "Only in the last layer: artifacts of period 2.",
            in_words(one),
            one[2] > PATTERN_DB,
        ),
        Claim(
            "All layers resize-convolution: no artifacts after training.",
            in_words(none),
            max(none.values()) < PATTERN_DB,
        ),
    ]


def _draw_untrained(configs, path):
    sheets = [
        artifacts.samples(dcgan.build(config, 3).generator, _SHOWN**2)
        for config in configs.values()
    ]
    grids = [arrays.grid(artifacts.stretched(images)) for images in sheets]
    side_by_side(grids, path)


def _draw_trained(configs, path):
    side = _SHOWN * dcgan.Config.image_size
    grids = []
    for config in configs.values():
        samples = pathlib.Path(config.workdir) / "samples"
        newest = max(samples.glob("epoch_*.png"))
        grids.append(np.asarray(Image.open(newest))[:side, :side])
    side_by_side(grids, path)
