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

    The square of `spectral_distance`, which has no gradient at 0, as a
    differentiable function of both batches. The spectra are averages over a
    batch, so the images need not correspond; one number comes out for the whole
    batch, and sample weights are without meaning.

    Args:
        name: Name of the loss.
        dtype: Of the computation; the default of Keras if none.

    Call arguments:
        y_true: `(batch, height, width, channels)`, real images.
        y_pred: Images of the same height and width.

    Returns:
        A scalar of at least 0; 0: the same spectra.

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

    def __init__(self, name: str = "spectral_loss", dtype: Any = None) -> None:
        super().__init__(name=name, reduction=None, dtype=dtype)

    def call(self, y_true, y_pred):
        sizes = [tuple(y.shape)[1:3] for y in (y_true, y_pred)]
        if sizes[0] != sizes[1]:
            raise ValueError(
                "`y_true` and `y_pred` must have the same height and width. "
                f"Received: {sizes[0]} and {sizes[1]}"
            )
        difference = radial_decibels(y_pred) - radial_decibels(y_true)
        return ops.mean(ops.square(difference))

    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}


@keras.saving.register_keras_serializable(package="tfupsample")
class BorderLoss(keras.losses.Loss):
    """Squared difference of two batches' borders, each less its interior.

    Of every image and channel, the mean of the pixels and of their squares over
    a ring (ring 0 is the outermost pixels, one wide), less the same over the
    interior, the middle half of each side. Of these numbers `y_pred` has `d`
    more than `y_true`; the loss estimates the square of their expectation by
    the mean of `d_i * d_j` over all pairs of different images of the batch,
    averaged over rings, channels and both moments.

    The square of the batch's mean would also grow with how much images differ
    from one another, and a model would learn to make flat ones. The products
    are free of that (a U-statistic, as the unbiased estimate of Gretton et al.,
    section 3, on these features), so the expectation is 0 wherever border and
    interior differ by as much in both batches, as for all stationary images.
    The images need not correspond; where they do, the estimate varies less.

    Args:
        rings: Rings compared; at most a quarter of the shorter side is.
        name: Name of the loss.
        dtype: Of the computation; the default of Keras if none.

    Call arguments:
        y_true: `(batch, height, width, channels)`, real images in [-1, 1], at
            least two.
        y_pred: Images of the same shape.

    Returns:
        A scalar whose expectation is at least 0; a single batch may be below.
        A border brighter by `b` in `y_pred` alone adds about `b**2 / 2` times
        the share of the rings that it covers.

    Raises:
        ValueError: for a batch of one image, an unknown height or width, or
            one below 8 pixels.

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
        self, rings: int = 8, name: str = "border_loss", dtype: Any = None
    ) -> None:
        super().__init__(name=name, reduction=None, dtype=dtype)
        self.rings = positive_integer("rings", rings)

    def call(self, y_true, y_pred):
        if tuple(y_true.shape)[1:] != tuple(y_pred.shape)[1:]:
            raise ValueError(
                "`y_true` and `y_pred` must have the same shape. "
                f"Received: {tuple(y_true.shape)} and {tuple(y_pred.shape)}"
            )
        more = self._borders(y_pred) - self._borders(y_true)
        count = ops.cast(ops.shape(more)[0], more.dtype)
        products = ops.square(ops.sum(more, axis=0)) - ops.sum(
            ops.square(more), axis=0
        )
        return ops.mean(products) / (count * (count - 1))

    def _borders(self, images):
        """`(batch, 2, rings, channels)`: both moments, less the interior's."""
        shape = tuple(images.shape)
        if (
            len(shape) != 4
            or shape[0] == 1
            or None in shape[1:3]
            or min(shape[1:3]) < 8
        ):
            raise ValueError(
                "`y_true` and `y_pred` must have the shape (batch, height, "
                "width, channels), at least two images of known sizes of at "
                f"least 8 pixels. Received: {shape}"
            )
        weights = ops.cast(_ring_weights(*shape[1:3], self.rings), images.dtype)
        moments = ops.stack([images, ops.square(images)], axis=1)
        return ops.einsum("bmhwc,rhw->bmrc", moments, weights)

    def get_config(self):
        return {"rings": self.rings, "name": self.name, "dtype": self.dtype}


@functools.cache
def _ring_weights(height, width, rings):
    """`(rings, height, width)`: a ring's mean less that of the interior."""
    interior = np.zeros((height, width))
    interior[
        height // 4 : height - height // 4, width // 4 : width - width // 4
    ] = 1
    masks = ring_masks((height, width))[: min(rings, min(height, width) // 4)]
    return np.stack([m / m.sum() - interior / interior.sum() for m in masks])


@keras.saving.register_keras_serializable(package="tfupsample")
class TotalVariationLoss(keras.losses.Loss):
    """Mean absolute difference of neighbouring pixels, anisotropic.

    It smooths, and takes fine patterns away with fine detail; `SpectralLoss`
    asks for the detail of real images instead.

    Args:
        reduction: Over the images of a batch, as for `keras.losses.Loss`.
        name: Name of the loss.
        dtype: Of the computation; the default of Keras if none.

    Call arguments:
        y_true: Not looked at.
        y_pred: `(batch, height, width, channels)`, at least 2 pixels a side.

    Returns:
        The mean over vertical neighbours plus that over horizontal ones, in
        units of the image; 0: flat. A checkerboard of single pixels at -a and a
        has 4 a.

    Raises:
        ValueError: for another shape.

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
