"""Deep dreams at a fixed position and with jitter."""

import numpy as np
from PIL import Image

from train import deep_dream
from train.reproduce.figures import side_by_side
from train.reproduce.findings import Claim, Findings, scores_of

POOLINGS = ("strided", "max")
_PERIOD = 2


def experiment(settings):
    """Returns the `Findings`; a small classifier is trained for each."""
    scores = {pooling: _dreamt(settings, pooling) for pooling in POOLINGS}
    for pooling in POOLINGS:
        side_by_side(
            [
                np.atleast_3d(np.asarray(Image.open(path)))
                for path in (
                    _folder(settings, pooling) / "gradient_without_jitter.png",
                    _folder(settings, pooling) / "gradient_jitter.png",
                )
            ],
            settings.report / f"gradient_{pooling}.png",
        )
    return Findings(
        [_claim(pooling, rows) for pooling, rows in scores.items()],
        scores,
        {
            f"gradient_{pooling}.png": "The accumulated gradient of a "
            f"classifier with {pooling} pooling, without and with jitter."
            for pooling in POOLINGS
        },
    )


def _folder(settings, pooling):
    return settings.runs / f"deep_dream-{pooling}"


def _dreamt(settings, pooling):
    """The scores of both ways."""
    config = deep_dream.Config(
        **settings.common,
        workdir=str(_folder(settings, pooling)),
        pooling=pooling,
        epochs=settings.epochs_of(quick=2, full=4),
    )
    return scores_of(config, deep_dream.train)


def _claim(pooling, rows):
    fixed, moved = (
        rows[name][str(_PERIOD)]["share"]
        for name in ("without_jitter", "jitter")
    )
    return Claim(
        "Deep dreams with a different position each step have fewer artifacts "
        f"({pooling} pooling).",
        f"share of period {_PERIOD} in the gradient: {fixed:.3f} fixed, "
        f"{moved:.3f} moved",
        moved < fixed / 2,
    )
