"""Networks that take the class of an image, one-hot, beside their input."""

import keras
from keras import ops

from tfupsample.arguments import MOST_CHANNELS, integer


def joined(x, labels):
    """Returns what a network takes: `x`, with the labels if there are any.

    Args:
        x: Images or latents.
        labels: A list of no array, or of one: `(batch, classes)`, one-hot.
    """
    return [x, *labels] if labels else x


def label_inputs(classes):
    """Returns a list of no input, or of one for a number of classes.

    Raises:
        ValueError: if that is no number of classes.
    """
    count = integer("classes", classes, 0, MOST_CHANNELS)
    return [keras.Input((count,), name="labels")] if count else []


def of_latents(generator):
    """Returns a generator of latents alone from one that takes labels too.

    Its latents are longer by the number of classes, and the largest of these
    last numbers names the class, so standard normal latents draw every class
    equally often.

    Args:
        generator: A `keras.Model` of latents `(batch, latent_dim)` and labels
            `(batch, classes)`, one-hot.
    """
    (_, size), (_, classes) = generator.input_shape
    latents = keras.Input((size + classes,), name="latents")
    scores = latents[:, size:]
    largest = ops.max(scores, axis=-1, keepdims=True)
    labels = ops.cast(ops.greater_equal(scores, largest), "float32")
    images = generator([latents[:, :size], labels])
    return keras.Model(latents, images, name=generator.name)


def with_labels(latents, labels):
    """Returns latents with the labels behind them, `(batch, features)`."""
    if not labels:
        return latents
    return keras.layers.Concatenate()([latents, *labels])


def projected(logits, features, labels):
    """Adds to logits how well features fit the class of each image.

    That is their inner product with a vector that is learned for each class
    (Miyato and Koyama 2018, arXiv 1802.05637).

    Args:
        logits: `(batch, 1)`.
        features: `(batch, channels)`.
        labels: A list of one input, as `label_inputs` returns it.
    """
    direction = keras.layers.Dense(
        features.shape[-1], use_bias=False, dtype="float32", name="projection"
    )(*labels)
    fit = keras.layers.Dot(1, dtype="float32")([features, direction])
    return keras.layers.Add(dtype="float32")([logits, fit])


def balanced(classes, count):
    """Returns labels with as many of each class, in their order, one-hot.

    Args:
        classes: Number of classes.
        count: Number of labels.

    Returns:
        float32 `(count, classes)`.
    """
    labels = ops.floor_divide(ops.arange(count) * classes, count)
    return ops.one_hot(labels, classes, dtype="float32")
