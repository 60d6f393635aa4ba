"""Radial power spectra of images, and the distance of two of them."""

import functools
from typing import Any, NamedTuple

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from tfupsample.arguments import finite_array

# The power that counts as none, in squared units of the image, so that the
# logarithm is finite for flat images. An 8-bit step of images in [-1, 1] has
# a power of 5e-6.
_FLOOR = 1e-12


class Spectrum(NamedTuple):
    """A radially averaged power spectrum.

    Attributes:
        frequency: `(rings,)` in cycles per pixel, up to Nyquist (0.5).
        power: `(rings,)` in dB.
    """

    frequency: np.ndarray
    power: np.ndarray


def radial_spectrum(images: ArrayLike) -> Spectrum:
    """Returns the radially averaged power spectrum of a set of images.

    The images become grey (mean over channels), lose their mean, and get a Hann
    window. The squared magnitude of their 2-D DFT is averaged over the images
    and over rings one bin wide (Durall et al., 2020, arXiv 2003.01826). The
    last ring includes the corners beyond Nyquist, where the harmonic of a true
    checkerboard of period 2 lies.

    Args:
        images: `(batch, height, width, channels)`, at least 4 pixels a side.

    Returns:
        A `Spectrum`. White noise of variance `v` gives `10 log10(v)` at every
        frequency, but half a decibel less at the first, next to the mean that
        was removed; no power gives -120 dB.

    Raises:
        ValueError: for another shape.
    """
    images = ops.convert_to_tensor(finite_array("images", images))
    decibels = ops.convert_to_numpy(radial_decibels(images))
    size = min(images.shape[1:3])
    return Spectrum(np.arange(1, size // 2 + 1) / size, decibels)


def spectral_distance(images: ArrayLike, others: ArrayLike) -> float:
    """Returns the distance of the spectra of two sets of images, in dB.

    Args:
        images: `(batch, height, width, channels)`.
        others: The same, of the same height and width.

    Returns:
        The root mean square, over the rings, of the difference of the spectra:
        a float of at least 0. Two samples of one distribution differ by chance,
        by less the more images there are.

    Raises:
        ValueError: for shapes that do not fit.
    """
    first = finite_array("images", images)
    second = finite_array("others", others)
    if first.shape[1:3] != second.shape[1:3]:
        raise ValueError(
            "`images` and `others` must have the same height and width. "
            f"Received: {first.shape} and {second.shape}"
        )
    difference = radial_spectrum(first).power - radial_spectrum(second).power
    return float(np.sqrt(np.mean(difference**2)))


def radial_decibels(images: Any) -> Any:
    """Returns the power of `radial_spectrum` as a differentiable tensor.

    Args:
        images: Tensor `(batch, height, width, channels)`; the height and width
            must be known, the batch need not be.

    Returns:
        A tensor `(rings,)` of the dtype of the images.

    Raises:
        ValueError: for another shape.
    """
    power = _power(images)
    rings, bins = _rings(*power.shape)
    # Ring 0 holds the mean, which was removed.
    total = ops.segment_sum(ops.reshape(power, (-1,)), rings, len(bins))[1:]
    return _decibels(total / ops.cast(bins[1:], images.dtype))


def power_spectrum(images: ArrayLike) -> np.ndarray:
    """Returns the 2-D power spectrum that `radial_spectrum` averages, in dB.

    Args:
        images: `(batch, height, width, channels)`, at least 4 pixels a side.

    Returns:
        `(height, width)` floats, frequency 0 in the middle.

    Raises:
        ValueError: for another shape.
    """
    images = ops.convert_to_tensor(finite_array("images", images))
    decibels = ops.convert_to_numpy(_decibels(_power(images)))
    return np.fft.fftshift(decibels)


def _power(images):
    """`(height, width)`: mean power of grey images without their mean."""
    shape = tuple(images.shape)
    if (
        len(shape) != 4
        or None in shape[1:3]
        or min(shape[1:3]) < 4
        or 0 in shape
    ):
        raise ValueError(
            "`images` must have the shape (batch, height, width, channels), "
            f"known and at least 4 pixels a side. Received: {shape}"
        )
    window = np.outer(*(np.hanning(n + 1)[:-1] for n in shape[1:3]))
    window = window / np.sqrt(np.sum(window**2))
    grey = ops.mean(images, axis=-1)
    grey = grey - ops.mean(grey, axis=(1, 2), keepdims=True)
    grey = grey * ops.cast(window, images.dtype)
    real, imaginary = ops.fft2((grey, ops.zeros_like(grey)))
    return ops.mean(ops.square(real) + ops.square(imaginary), axis=0)


def _decibels(power):
    return 10 / np.log(10) * ops.log(power + _FLOOR)


@functools.cache
def _rings(height, width):
    """Ring of each bin, flattened, and number of bins in each ring."""
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    size = min(height, width)
    rings = np.minimum(np.rint(radius * size), size // 2).astype("int32")
    return rings.ravel(), np.bincount(rings.ravel())
