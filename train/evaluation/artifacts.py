"""Scores of generated images."""

import numpy as np

from models.conditional import balanced, joined
from tfupsample.images.arrays import to_uint8
from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)
from train.engine.options import UsageError

PERIODS = (2, 4, 8)
SAMPLES = 1024


def artifact_scores(images):
    """Returns `{period: {score: value}}` for the periods 2, 4 and 8.

    Args:
        images: uint8 `(batch, height, width, channels)`. Real images are
            rounded to 8 bits, so generated ones must be to compare with them.

    Raises:
        ValueError: for images of another type.
    """
    check_rounded(images)
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


def check_rounded(images):
    """Raises a `ValueError` unless images are uint8."""
    if images.dtype != "uint8":
        raise ValueError(
            "`images` must be uint8, as `to_uint8` makes it. "
            f"Received: {images.dtype}"
        )


def stretched(images):
    """Returns images with as much contrast as fits, uint8.

    Those of an untrained network are grey, and 8 bits would show none of it.

    Args:
        images: An array in any unit, of mean 0.
    """
    return to_uint8(images / max(4 * np.std(images), 1e-30))


def samples(generator, count=SAMPLES, seed=0, batch_size=64):
    """Returns images in [-1, 1] from latents that depend on `seed` alone.

    A generator that takes labels makes as many images of each class, in their
    order.
    """
    rng = np.random.default_rng(seed)
    size, *classes = (given.shape[-1] for given in generator.inputs)
    latents = rng.normal(size=(count, size)).astype("float32")
    labels = [np.asarray(balanced(number, count)) for number in classes]
    return generator.predict(
        joined(latents, labels), batch_size=batch_size, verbose=0
    )


def similarity(images, others):
    """Returns how similar pairs of images are, on average.

    Args:
        images: uint8 `(batch, height, width, channels)`, at least 11 pixels a
            side.
        others: The same.

    Returns:
        `{"psnr_db", "ssim"}`, means over the pairs: the peak signal-to-noise
        ratio in dB, infinite for equal images, and the structural similarity
        (Wang et al., 2004, with a Gaussian window), 1 for equal images.

    Raises:
        UsageError: if scikit-image is not installed.
        ValueError: for images of another type.
    """
    try:
        from skimage import metrics
    except ImportError as error:
        raise UsageError(
            "PSNR and SSIM need scikit-image: pip install scikit-image."
        ) from error
    check_rounded(images)
    check_rounded(others)
    pairs = list(zip(images, others, strict=True))
    window = {"gaussian_weights": True, "use_sample_covariance": False}
    return {
        "psnr_db": np.mean(
            [metrics.peak_signal_noise_ratio(*p, data_range=255) for p in pairs]
        ).item(),
        "ssim": np.mean(
            [
                metrics.structural_similarity(
                    *p, data_range=255, channel_axis=-1, **window
                )
                for p in pairs
            ]
        ).item(),
    }


def score_table(scores):
    """Returns a table of `{name: artifact_scores(...)}`, a row for each name.

    It fits 80 columns, so names have up to 16 characters.
    """
    head = [f"period {period}" for period in PERIODS]
    lines = [
        f"{'':16}{'coherent score':^30}{'peak prominence, dB':^30}",
        f"{'':16}" + "".join(f"{h:>10}" for h in head * 2),
    ]
    for name, rows in scores.items():
        values = [f"{rows[p]['coherent']:10.4f}" for p in PERIODS]
        values += [f"{rows[p]['prominence_db']:10.1f}" for p in PERIODS]
        lines.append(f"{name:16}" + "".join(values))
    return "\n".join(lines)
