"""Photographs painted by a style transfer, and the pattern in them."""

import numpy as np

from tfupsample.images import arrays
from train.evaluation import artifacts


def paint_all(network, images, styles):
    """Returns each image in each style, `(images, styles, height, width, 3)`.

    Args:
        network: A network of `models.style_transfer`.
        images: `(images, height, width, 3)` in [-1, 1].
        styles: Number of styles.
    """
    shares = np.eye(styles, dtype="float32")
    return np.stack(
        [
            network.predict_on_batch([np.stack([image] * styles), shares])
            for image in images
        ]
    )


def painting_scores(network, images, styles, rounded=arrays.to_uint8):
    """Returns the `artifact_scores` of images painted in all styles.

    Args:
        network: As for `paint_all`.
        images: As for `paint_all`.
        styles: As for `paint_all`.
        rounded: Makes uint8 images of what the network paints.
    """
    painted = paint_all(network, images, styles)
    shape = (-1, *images.shape[1:])
    return artifacts.artifact_scores(rounded(painted.reshape(shape)))


def sheet(network, images, styles):
    """Returns a row for each image: the image, then in every style.

    Args:
        network: As for `paint_all`.
        images: As for `paint_all`.
        styles: As for `paint_all`.
    """
    rows = zip(images[:, None], paint_all(network, images, styles))
    cells = np.concatenate([np.concatenate(row) for row in rows])
    return arrays.grid(cells, styles + 1)
