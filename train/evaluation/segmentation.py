"""How well a network segments, and what it paints into its logits."""

import numpy as np

from tfupsample.images.arrays import from_uint8
from tfupsample.images.masks import VOID, coloured
from tfupsample.measures.artifacts import coherent_score, peak_prominence
from train.evaluation.artifacts import PERIODS

_AT_ONCE = 64


def logits_of(network, images):
    """Yields the logits of uint8 images, some at a time."""
    for start in range(0, len(images), _AT_ONCE):
        some = from_uint8(images[start : start + _AT_ONCE])
        yield network.predict(some, batch_size=16, verbose=0)


def guessed(network, images):
    """Returns the most likely class of every pixel, uint8 `(n, *sizes)`."""
    parts = [x.argmax(axis=-1) for x in logits_of(network, images)]
    return np.concatenate(parts).astype("uint8")


def iou_scores(masks, guesses, classes):
    """Returns how far predicted and true areas agree.

    Args:
        masks: The right classes, `(n, *sizes)`; `VOID` counts nowhere.
        guesses: The predicted ones.
        classes: The names of the classes.

    Returns:
        The mean over the classes of overlap over union, from 0 to 1, of all
        images together; that of each class that occurs or is predicted; and the
        share of pixels that are right.
    """
    known = masks != VOID
    counts = np.zeros((len(classes),) * 2, np.int64)
    np.add.at(counts, (masks[known], guesses[known]), 1)
    right = np.diag(counts)
    union = counts.sum(axis=0) + counts.sum(axis=1) - right
    by_class = {
        name: float(both / either)
        for name, both, either in zip(classes, right, union)
        if either
    }
    return {
        "test images": len(masks),
        "mean_iou": float(np.mean([*by_class.values()])),
        "pixel accuracy": float(right.sum() / max(counts.sum(), 1)),
        "iou by class": by_class,
    }


def one_hot(masks, classes):
    """Returns masks as logits would be: 1 for the class, 0 for the others."""
    return (masks[..., None] == np.arange(classes)).astype("float32")


def logit_scores(logits):
    """Returns how strongly logits carry patterns, averaged over the classes.

    Args:
        logits: `(n, *sizes, classes)`; of volumes, every layer is an image.
            What all classes have in common decides nothing and is taken out.

    Returns:
        `{period: {"coherent", "prominence_db"}}` for the periods 2, 4 and 8.

    Raises:
        ValueError: if the images are too small for the periods.
    """
    logits = logits.reshape(-1, *logits.shape[-3:])
    logits = logits - logits.mean(axis=-1, keepdims=True)
    classes = np.split(logits, logits.shape[-1], axis=-1)
    return {
        period: {
            "coherent": coherent_score(logits, period),
            "prominence_db": float(
                np.mean([peak_prominence(x, period).mean for x in classes])
            ),
        }
        for period in PERIODS
    }


def beside(images, masks, guesses):
    """Returns images, each with its mask and the predicted one to the right.

    Args:
        images: uint8 `(n, *sizes, channels)`; of volumes the middle is shown.
        masks: Classes `(n, *sizes)`.
        guesses: The same.

    Returns:
        uint8 `(n, height, 3 * width, 3)`.
    """
    shown = _middle(images)
    shown = shown.repeat(3 // shown.shape[-1], axis=-1)
    colours = [
        coloured(_middle(x[..., None])[..., 0]) for x in (masks, guesses)
    ]
    return np.concatenate([shown, *colours], axis=2)


def _middle(arrays):
    return arrays[:, arrays.shape[1] // 2] if arrays.ndim == 5 else arrays
