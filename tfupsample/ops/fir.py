"""Separable FIR filters of channels-last arrays: taps, phases, filtering."""

import math

import numpy as np
from keras import ops

from tfupsample.arguments import positive_integer


def fir_taps(name, kernel):
    """Returns the taps of a low-pass filter, which sum to 1.

    Args:
        name: The argument's name, for the message.
        kernel: Number of taps of the binomial filter (3 is `(1, 2, 1) / 4`), or
            a sequence of taps with a positive sum.

    Returns:
        A float64 array of shape `(taps,)`.

    Raises:
        ValueError: for anything else.
    """
    if np.ndim(kernel) == 0:
        n = positive_integer(name, kernel) - 1
        return np.array([math.comb(n, k) for k in range(n + 1)]) / 2**n
    try:
        taps = np.array([float(tap) for tap in kernel])
    except (TypeError, ValueError):
        taps = np.zeros(1)
    if not (np.isfinite(taps).all() and taps.sum() > 0):
        raise ValueError(
            f"`{name}` must be an integer, or a sequence of finite numbers "
            f"with a positive sum. Received: {kernel!r}"
        )
    return taps / taps.sum()


def upsample_filter(scale):
    """Returns `(1, 2, 1)` convolved with a box of `scale` ones, of sum 1.

    The box is what makes the gains of all phases equal; at scale 2 the filter
    is the `(1, 3, 3, 1) / 8` of StyleGAN2.
    """
    return np.convolve(np.full(scale, 1 / scale), fir_taps("kernel", 3))


def filter_phases(taps, scale):
    """Returns the weights with which a filter enlarges, phase by phase.

    They are what zero insertion and the filter take from each input pixel.

    The filter is centred on each cell of `scale` output pixels; where `scale`
    and its length differ by an odd number it reaches one pixel further after
    the cell than before it.

    Args:
        taps: Array of shape `(length,)` of sum 1.
        scale: Integer, at most `length`.

    Returns:
        `(first, weights)`, as `polyphase` expects them. The gain is `scale`.
    """
    length = len(taps)
    before = (length - scale) // 2
    first = -((length - 1 - before) // scale)
    last = (scale - 1 + before) // scale
    phase = np.arange(scale)[:, None]
    tap = phase + before - scale * np.arange(first, last + 1)
    inside = (tap >= 0) & (tap < length)
    return first, scale * np.where(inside, taps[tap * inside], 0)


def filter_valid(x, axis, taps, stride=1):
    """Filters one axis without padding and keeps every `stride`-th pixel.

    Args:
        x: An array with at least `len(taps)` pixels along `axis`.
        axis: The axis of `x`.
        taps: Sequence of weights; the first weighs the first pixel.
        stride: Pixels from one output to the next.

    Returns:
        The filtered array, the dtype of `x`.
    """

    def shifted(i):
        index = [slice(None)] * len(x.shape)
        index[axis] = slice(i, i - len(taps) + 1 or None, stride)
        return x[tuple(index)]

    return sum(float(w) * shifted(i) for i, w in enumerate(taps) if w)


def filter_images(x, kernel):
    """Filters every channel with one kernel, without padding, as one op.

    On TensorFlow it costs a tenth of `filter_valid` along both axes, and with
    gradients a fiftieth.

    Args:
        x: `(batch, height, width, channels)`, channels known.
        kernel: Array `(rows, columns)`; its first tap weighs the first pixel.

    Returns:
        The filtered array, the dtype of `x`.
    """
    kernel = np.asarray(kernel)[:, :, None, None].repeat(x.shape[-1], axis=2)
    return ops.depthwise_conv(
        x,
        ops.convert_to_tensor(kernel, x.dtype),
        padding="valid",
        data_format="channels_last",
    )
