"""Losses that price upsampling artifacts."""

import functools
from typing import Any

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import positive_integer
from tfupsample.measures.border import ring_masks
from tfupsample.measures.spectrum import radial_decibels


@keras.saving.register_keras_serializable(package="tfupsample")
class SpectralLoss(keras.losses.Loss):
    """Mean squared difference of two batches' radial spectra, in dB².

    It is the square of `spectral_distance`, which has no gradient at 0, as a
    differentiable function of both batches. The spectra are averages over a
    batch, so the images need not correspond, and every image of the batch has
    the same loss: sample weights only scale it.

    Args:
        reduction: How to reduce the losses of a batch, as for
            `keras.losses.Loss`.
        name: Name of the loss.
        dtype: Dtype of the computation; by default that of Keras.

    Call arguments:
        y_true: `(batch, height, width, channels)`, real images.
        y_pred: Images of the same height and width.

    Returns:
        A number of at least 0, which means equal spectra; the same for each
        image if `reduction` is `None`.

    Raises:
        ValueError: if the height or width is unknown or below 4 pixels.

    Example:
    >>> import numpy as np
    >>> from tfupsample.measures.losses import SpectralLoss
    >>> images = np.random.default_rng(0).normal(size=(4, 16, 16, 3))
    >>> round(float(SpectralLoss()(images, 10 * images)))  # 20 dB apart
    400

    References:
        Durall, Keuper and Keuper, 2020, "Watch your Up-Convolution", arXiv
        2003.01826.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "spectral_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true, y_pred):
        sizes = [tuple(y.shape)[1:3] for y in (y_true, y_pred)]
        if sizes[0] != sizes[1]:
            raise ValueError(
                "`y_true` and `y_pred` must have the same height and width. "
                f"Received: {sizes[0]} and {sizes[1]}"
            )
        difference = radial_decibels(y_pred) - radial_decibels(y_true)
        loss = ops.mean(ops.square(difference))
        return ops.broadcast_to(loss, (ops.shape(y_pred)[0],))

    def get_config(self):
        return super().get_config() | {"dtype": self.dtype}


@keras.saving.register_keras_serializable(package="tfupsample")
class BorderLoss(keras.losses.Loss):
    """Squared difference of two batches' borders, each less its interior.

    For every image and channel, take the mean of the pixels and of their
    squares over a ring (ring 0 is the outermost pixels, each ring is one pixel
    wide), less the same means over the interior, the middle half of each side.
    Let `d` be how much more `y_pred` has of these numbers than `y_true`. The
    loss estimates the square of the expected `d` by the mean of `d_i * d_j`
    over all pairs of different images in the batch, averaged over rings,
    channels and both moments.

    The square of the batch's mean would also grow with how much the images
    differ from one another, and a model would learn to make flat ones. The
    products are free of that (they are a U-statistic, like the unbiased
    estimate of Gretton et al., section 3, on these features), so the expected
    loss is 0 wherever border and interior differ equally in both batches, as
    they do in all stationary images. The images need not correspond; where they
    do, the estimate varies less.

    Args:
        rings: Number of rings to compare; rings further in than a quarter of
            the shorter side are left out.
        reduction: How to reduce the losses of a batch, as for
            `keras.losses.Loss`. The loss of an image is the mean of its
            products with the others.
        name: Name of the loss.
        dtype: Dtype of the computation; by default that of Keras.

    Call arguments:
        y_true: `(batch, height, width, channels)`, real images in [-1, 1].
        y_pred: Images of the same shape.

    Returns:
        A number whose expectation is at least 0; a single batch may be below.
        A border brighter by `b` in `y_pred` alone adds about `b**2 / 2` times
        the share of the rings that it covers. A batch of one image has no pairs
        and no loss: 0.

    Raises:
        ValueError: if the height or width is unknown or below 8 pixels.

    Example:
    >>> import numpy as np
    >>> from tfupsample.measures.losses import BorderLoss
    >>> images = np.zeros((4, 16, 16, 3))
    >>> framed = np.pad(images[:, 1:-1, 1:-1], [(0, 0), (1, 1), (1, 1), (0, 0)],
    ...     constant_values=1)
    >>> round(float(BorderLoss(rings=1)(images, framed)), 3)
    1.0

    References:
        Alsallakh et al., 2021, "Mind the Pad", arXiv 2010.02178, for what
        padding paints; Gretton et al., 2012, "A Kernel Two-Sample Test", JMLR
        13, for the estimate.
    """

    def __init__(
        self,
        rings: int = 8,
        reduction: str | None = "sum_over_batch_size",
        name: str = "border_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.rings = positive_integer("rings", rings)

    def call(self, y_true, y_pred):
        if tuple(y_true.shape)[1:] != tuple(y_pred.shape)[1:]:
            raise ValueError(
                "`y_true` and `y_pred` must have the same shape. "
                f"Received: {tuple(y_true.shape)} and {tuple(y_pred.shape)}"
            )
        more = self._borders(y_pred) - self._borders(y_true)
        others = ops.sum(more, axis=0, keepdims=True) - more
        count = ops.cast(ops.shape(more)[0], more.dtype)
        products = ops.mean(more * others, axis=(1, 2, 3))
        return products / ops.maximum(count - 1, 1)  # no others, no products

    def _borders(self, images):
        """Returns both moments, less the interior's, of each ring.

        Their shape is `(batch, 2, rings, channels)`.
        """
        shape = tuple(images.shape)
        if len(shape) != 4 or None in shape[1:3] or min(shape[1:3]) < 8:
            raise ValueError(
                "`y_true` and `y_pred` must have the shape (batch, height, "
                "width, channels), with known sizes of at least 8 pixels. "
                f"Received: {shape}"
            )
        weights = ops.cast(_ring_weights(*shape[1:3], self.rings), images.dtype)
        moments = ops.stack([images, ops.square(images)], axis=1)
        return ops.einsum("bmhwc,rhw->bmrc", moments, weights)

    def get_config(self):
        return super().get_config() | {
            "rings": self.rings,
            "dtype": self.dtype,
        }


@functools.cache
def _ring_weights(height, width, rings):
    """Returns the weights of a ring's mean less that of the interior.

    Their shape is `(rings, height, width)`.
    """
    interior = np.zeros((height, width))
    interior[
        height // 4 : height - height // 4, width // 4 : width - width // 4
    ] = 1
    masks = ring_masks((height, width))[: min(rings, min(height, width) // 4)]
    return np.stack([m / m.sum() - interior / interior.sum() for m in masks])


@keras.saving.register_keras_serializable(package="tfupsample")
class TotalVariationLoss(keras.losses.Loss):
    """Mean absolute difference of neighbouring pixels, anisotropic.

    It smooths, and removes fine detail along with fine patterns; `SpectralLoss`
    asks for the detail of real images instead.

    Args:
        reduction: How to reduce the losses of a batch, as for
            `keras.losses.Loss`.
        name: Name of the loss.
        dtype: Dtype of the computation; by default that of Keras.

    Call arguments:
        y_true: Ignored.
        y_pred: `(batch, height, width, channels)`, at least 2 pixels a side.

    Returns:
        The mean over vertical neighbours plus that over horizontal ones, in
        units of the image; 0 for flat images, 4 a for a checkerboard of single
        pixels at -a and a.

    Raises:
        ValueError: for any other shape.

    Example:
    >>> import numpy as np
    >>> from tfupsample.measures.losses import TotalVariationLoss
    >>> board = np.indices((1, 8, 8, 1)).sum(0) % 2 * 2.0 - 1
    >>> float(TotalVariationLoss()(board, board))
    4.0

    References:
        Rudin, Osher and Fatemi, 1992, "Nonlinear total variation based noise
        removal algorithms", Physica D 60.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "total_variation_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true, y_pred):
        shape = tuple(y_pred.shape)
        if len(shape) != 4 or {0, 1} & set(shape[1:3]):
            raise ValueError(
                "`y_pred` must have the shape (batch, height, width, "
                f"channels), at least 2 pixels a side. Received: {shape}"
            )
        down = ops.abs(y_pred[:, 1:] - y_pred[:, :-1])
        right = ops.abs(y_pred[:, :, 1:] - y_pred[:, :, :-1])
        axes = (1, 2, 3)
        return ops.mean(down, axis=axes) + ops.mean(right, axis=axes)

    def get_config(self):
        return super().get_config() | {"dtype": self.dtype}
