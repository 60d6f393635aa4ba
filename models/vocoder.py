"""A small vocoder: frames of a mel spectrogram to a waveform.

Stacked upsamplings with residual dilated convolutions, as in the generator of
HiFi-GAN (Kong et al. 2020, arXiv 2010.05646), on any 1-D upsampler, and the
multi-resolution STFT loss of Yamamoto et al. 2020 (arXiv 1910.11480).
"""

import functools

import keras
from keras import ops

from tfupsample.arguments import (
    check_channels,
    one_of,
    scale_factor,
)
from tfupsample.layers.padded_conv import PaddedConv1D
from tfupsample.layers.resize_conv import ResizeConv1D
from tfupsample.layers.subpixel_conv import SubpixelConv1D

DILATIONS = (1, 3, 9)
RESOLUTIONS = ((256, 64), (512, 128), (1024, 256))
"""Window and step of each spectrogram that the loss compares, in samples."""
_SLOPE = 0.1  # of the leaky ReLU
_QUIET = 1e-4  # magnitude below which differences hardly count


def _resized(interpolation):
    def layer(filters, scale, **kwargs):
        return ResizeConv1D(filters, scale + 1, scale, interpolation, **kwargs)

    return layer


def _deconv(filters, scale, pad_mode, **kwargs):
    """As HiFi-GAN has it; sees zeros whatever the other layers see."""
    return keras.layers.Conv1DTranspose(
        filters, 2 * scale, scale, padding="same", **kwargs
    )


def _subpixel(filters, scale, **kwargs):
    return SubpixelConv1D(filters, 3, scale, **kwargs)


UPSAMPLERS_1D = {
    "nearest": _resized("nearest"),
    "linear": _resized("bilinear"),
    "subpixel": _subpixel,
    "deconv": _deconv,
}
"""Name to the layer that upsamples a signal: with `"nearest"` and `"deconv"`
of equal arithmetic."""


def vocoder(
    bands=40,
    width=64,
    factors=(8, 4, 2),
    upsample="nearest",
    pad_mode="symmetric",
):
    """Returns a vocoder for spectrograms of any length.

    Args:
        bands: Mel bands.
        width: Channels before the first upsampling; each one halves them, down
            to 8.
        factors: Upsampling factor of each stage; their product is the number
            of samples a frame, and the period of what the stages may whistle.
        upsample: Key of `UPSAMPLERS_1D`.
        pad_mode: What the convolutions see beyond the border.

    Returns:
        A `keras.Model` from `(batch, frames, bands)`, logarithms of powers, to
        `(batch, samples, 1)` in [-1, 1], float32.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    check_channels(bands=bands, width=width)
    make = UPSAMPLERS_1D[one_of("upsample", upsample, UPSAMPLERS_1D)]
    if not isinstance(factors, (tuple, list)) or not factors:
        raise ValueError(
            "`factors` must be a sequence of integers, at least one. "
            f"Received: {factors!r}"
        )
    factors = [scale_factor("factors", factor) for factor in factors]
    convolve = functools.partial(
        PaddedConv1D, pad_mode=pad_mode, kernel_initializer="he_normal"
    )
    frames = keras.Input((None, bands), name="frames")
    x = convolve(width, 7)(frames)
    for stage, scale in enumerate(factors, start=1):
        filters = max(width >> stage, 8)
        x = make(filters, scale, pad_mode=pad_mode, name=f"up_{stage}")(
            _active(x)
        )
        x = _residuals(convolve, x, filters)
    x = convolve(1, 7, dtype="float32", name="waveform")(_active(x))
    return keras.Model(frames, ops.tanh(x), name="vocoder")


def _active(x):
    return keras.layers.LeakyReLU(_SLOPE)(x)


def _residuals(convolve, x, filters):
    for dilation in DILATIONS:
        y = convolve(filters, 3, dilation_rate=dilation)(_active(x))
        y = convolve(filters, 3, kernel_initializer="zeros")(_active(y))
        x = keras.layers.Add()([x, y])
    return x


@keras.saving.register_keras_serializable(package="tfupsample.models")
class SpectrogramLoss(keras.losses.Loss):
    """The difference of magnitudes, and of their logarithms, of spectrograms.

    The mean over `RESOLUTIONS` of the spectral convergence (the length of the
    difference over that of the real spectrogram) and of the mean absolute
    difference of the logarithms.

    Call arguments:
        y_true: `(batch, samples, 1)`, at least 1024 samples.
        y_pred: The same.
    """

    def call(self, y_true, y_pred):
        parts = [
            _difference(_magnitudes(y_true, *r), _magnitudes(y_pred, *r))
            for r in RESOLUTIONS
        ]
        return sum(parts) / len(parts)


def _magnitudes(wave, size, step):
    real, imaginary = ops.stft(ops.squeeze(wave, -1), size, step, size)
    # The gradient of a square root at 0 would be infinite.
    return ops.sqrt(real**2 + imaginary**2 + _QUIET**2)


def _difference(real, made):
    axes = (1, 2)
    length = ops.sqrt(ops.sum((real - made) ** 2, axes) + _QUIET**2)
    convergence = length / ops.sqrt(ops.sum(real**2, axes))
    logarithms = ops.mean(ops.abs(ops.log(real) - ops.log(made)), axes)
    return convergence + logarithms
