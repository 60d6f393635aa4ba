"""Losses that price upsampling artifacts."""

import keras
from keras import ops

from tfupsample.analysis.spectrum import radial_decibels


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
    >>> from tfupsample.losses import SpectralLoss
    >>> images = np.random.default_rng(0).normal(size=(4, 16, 16, 3))
    >>> round(float(SpectralLoss()(images, 10 * images)))  # 20 dB apart
    400

    References:
        Durall, Keuper and Keuper, 2020, "Watch your Up-Convolution", arXiv
        2003.01826.
    """

    def __init__(self, name="spectral_loss", dtype=None):
        super().__init__(name=name, reduction=None, dtype=dtype)

    def call(self, y_true, y_pred):
        difference = radial_decibels(y_pred) - radial_decibels(y_true)
        return ops.mean(ops.square(difference))

    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}
