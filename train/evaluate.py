"""Scores of a generator beside those of its training images."""

import numpy as np

from tfupsample.analysis.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)

PERIODS = (2, 4, 8)
SAMPLES = 1024


def artifact_scores(images):
    """Returns `{period: {score: value}}` for the periods 2, 4 and 8.

    Args:
        images: `(batch, height, width, channels)`, any unit.
    """
    scores = {}
    for period in PERIODS:
        prominence = peak_prominence(images, period)
        scores[period] = {
            "coherent": coherent_score(images, period),
            "variance_ratio": variance_ratio(images, period),
            "prominence_db": prominence.mean,
            "worst_prominence_db": prominence.worst,
        }
    return scores


def samples(generator, count=SAMPLES, seed=0, batch_size=64):
    """Returns images in [-1, 1] from latents that depend on `seed` alone."""
    rng = np.random.default_rng(seed)
    latents = rng.normal(size=(count, generator.input_shape[-1]))
    return generator.predict(
        latents.astype("float32"), batch_size=batch_size, verbose=0
    )


def score_table(scores):
    """Returns text: a row for each name in `{name: artifact_scores(...)}`."""
    head = [f"period {period}" for period in PERIODS]
    lines = [
        f"{'':20}{'coherent score':^33}{'peak prominence, dB':^33}",
        f"{'':20}" + "".join(f"{h:>11}" for h in head * 2),
    ]
    for name, rows in scores.items():
        values = [f"{rows[p]['coherent']:11.4f}" for p in PERIODS]
        values += [f"{rows[p]['prominence_db']:11.1f}" for p in PERIODS]
        lines.append(f"{name:20}" + "".join(values))
    return "\n".join(lines)
