"""Differentiable augmentation of what a discriminator sees.

A discriminator that sees changed real images alone teaches the generator the
changes. Here real and generated images are changed alike, and the gradient
passes through (Zhao et al. 2020, arXiv 2006.10738).
"""

import keras
from keras import ops

from tfupsample.arguments import finite, integer

from . import replicas

_DRAWS = 6  # random numbers that an image needs


class DiffAugment(keras.layers.Layer):
    """Changes each image of a batch at random.

    Args:
        flip: Mirror half of the images left to right.
        crop: Shift by up to this many pixels along each axis; what comes into
            view mirrors the border.
        colour: Multiply brightness, contrast and saturation by factors that
            differ from 1 by at most `colour`, which is at most 1.
        seed: Seed of the changes.

    Input and output shape:
        `(batch, height, width, channels)` in [-1, 1].
    """

    def __init__(self, flip=False, crop=0, colour=0.0, seed=0):
        super().__init__(dtype="float32")
        self.flip = flip
        self.crop = integer("crop", crop, 0, 4096)
        self.colour = finite("colour", colour)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images):
        draws = replicas.rows(
            lambda n: keras.random.uniform(
                (n, _DRAWS), seed=self.seed_generator
            ),
            ops.shape(images)[0],
        )
        mirror, down, right, *factors = ops.unstack(draws, _DRAWS, axis=1)
        if self.flip:
            images = _mirrored(images, mirror < 0.5)
        if self.crop:
            images = _shifted(images, down, right, self.crop)
        if self.colour:
            images = _recoloured(
                images, [1 + self.colour * (2 * f - 1) for f in factors]
            )
        return images


def _mirrored(images, which):
    return ops.where(
        which[:, None, None, None], ops.flip(images, axis=2), images
    )


def _shifted(images, down, right, most):
    margin = ((0, 0), (most, most), (most, most), (0, 0))
    padded = ops.pad(images, margin, mode="symmetric")
    height, width = images.shape[1:3]
    rows = _windows(down, height, most, images.dtype)
    columns = _windows(right, width, most, images.dtype)
    # A product with ones and zeros: a gather by image is slow in reverse.
    shifted = ops.einsum("nih,nhwc->niwc", rows, padded)
    return ops.einsum("njw,niwc->nijc", columns, shifted)


def _windows(draw, size, most, dtype):
    """Matrices `(n, size, size + 2 * most)` that each take a window."""
    starts = ops.cast(ops.floor(draw * (2 * most + 1)), "int32")
    taken = starts[:, None] + ops.arange(size)
    return ops.one_hot(taken, size + 2 * most, dtype=dtype)


def _recoloured(images, factors):
    brightness, contrast, saturation = (
        ops.cast(f, images.dtype)[:, None, None, None] for f in factors
    )
    grey = ops.mean(images, axis=-1, keepdims=True)
    coloured = grey + saturation * (images - grey)
    middle = ops.mean(coloured, axis=(1, 2, 3), keepdims=True)
    # Black is -1: brightness multiplies what is above it.
    return brightness * (middle + contrast * (coloured - middle) + 1) - 1
