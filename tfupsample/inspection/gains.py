"""How unequal the phase gains of a layer are, forward and in the gradient.

`tfupsample.ops.phase_gain` defines phase gains. Here the gains of a layer
always have the shape `(phases, outputs, inputs)`.
"""

import math
from collections.abc import Sequence

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from tfupsample.arguments import (
    finite_array,
    for_axes,
    one_or_per_axis,
    scale_factor,
)
from tfupsample.layers.alias_free import AliasFreeConv2D
from tfupsample.layers.content_aware_conv import ContentAwareConv2D
from tfupsample.layers.filtered_conv import FilteredConvTranspose2D
from tfupsample.layers.resize_conv import ResizeConv
from tfupsample.layers.subpixel_conv import SubpixelConv
from tfupsample.ops.phase_gain import phase_gains

_TRANSPOSED = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
_FLAT = (
    ResizeConv,
    FilteredConvTranspose2D,
    AliasFreeConv2D,
    ContentAwareConv2D,
)
_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
)


def imbalance(gains: ArrayLike) -> float:
    """Measures how much of what a layer makes of flat inputs is pattern.

    The imbalance is `sqrt(V / (V + M))`, where `M` is the mean square, over
    all pairs of channels, of the mean gain over the phases, and `V` the mean
    square of the gains' differences from it. It is the share of pattern, in
    standard deviations, in the outputs for flat inputs of random strength and
    sign.

    Args:
        gains: `(phases, outputs, inputs)`.

    Returns:
        A float from 0 (flat inputs stay flat, or all gains are 0) to 1 (flat
        inputs become nothing but pattern, since the mean gain is 0).
        Independent random phases, as in most initialisations, give about
        `sqrt(1 - 1 / phases)`.
    """
    return float(_imbalance(gains, axis=(0, 1)))


def imbalance_per_channel(gains: ArrayLike) -> np.ndarray:
    """Returns the `imbalance` of each output channel by itself.

    Args:
        gains: `(phases, outputs, inputs)`.

    Returns:
        `(outputs,)` floats from 0 to 1.
    """
    return _imbalance(gains, axis=-1)


def _imbalance(gains, axis):
    gains = finite_array("gains", gains, ("phases", "outputs", "inputs"))
    mean = gains.mean(axis=0)
    pattern = np.mean(gains.var(axis=0), axis=axis)
    total = pattern + np.mean(mean**2, axis=axis)
    # Rounding leaves differences of 1e-7 between float32 gains that are equal.
    pattern = np.where(pattern > 1e-12 * total, pattern, 0)
    return np.sqrt(pattern / np.where(total > 0, total, 1))


def upsampling_gains(
    layer: keras.Layer, block_size: int | Sequence[int] | None = None
) -> np.ndarray:
    """Returns the phase gains of a built layer that upsamples.

    Args:
        layer: A `Conv1DTranspose`, `Conv2DTranspose` or `Conv3DTranspose` of
            Keras, a `SubpixelConv`, a `ResizeConv`, `FilteredConvTranspose2D`,
            `AliasFreeConv2D` or `ContentAwareConv2D` (equal by construction),
            or a convolution of Keras whose output goes through depth-to-space.
        block_size: For a convolution before depth-to-space, the factor of the
            latter: one integer or one for each axis. Such a layer has a bias
            for each phase, so the bias counts as one more input, of strength
            1.

    Returns:
        `(phases, filters, in_channels)`, float64.

    Raises:
        ValueError: for another layer, or a kernel without all phases.
    """
    _check_built(layer)
    if isinstance(layer, _TRANSPOSED):
        return _transposed_gains(layer.kernel, layer.strides)
    if isinstance(layer, _FLAT):
        taps = tuple(range(layer.rank))
        gain = _array(layer.kernel).sum(taps).T
        return np.repeat(gain[None], math.prod(layer.scale), axis=0)
    if isinstance(layer, SubpixelConv):
        return _subpixel_gains(layer.kernel, layer.scale)
    if isinstance(layer, _CONVOLUTIONS[:3]) and block_size is not None:
        one_or_per_axis("block_size", block_size, scale_factor)
        gains = _subpixel_gains(layer.kernel, block_size)
        if not layer.use_bias:
            return gains
        bias = _array(layer.bias).reshape(*gains.shape[:2], 1)
        return np.concatenate([gains, bias], axis=-1)
    raise ValueError(
        "`layer` must upsample: a transposed, sub-pixel or resize-convolution, "
        "or a convolution with the `block_size` of the depth-to-space after "
        f"it. Received: {layer}"
    )


def gradient_gains(layer: keras.Layer) -> np.ndarray:
    """Returns the phase gains of the input gradient of a strided convolution.

    That gradient is a transposed convolution with the same kernel and strides:
    a discriminator or a perceptual network with unequal gains sends a
    checkerboard back to what it trains.

    Args:
        layer: A built convolution or depthwise convolution of Keras; groups
            are allowed.

    Returns:
        `(phases, in_channels, filters)`, float64: the channels that the
        gradient flows to, then those it comes from (of the same group). A phase
        that a kernel smaller than its stride never reads has gain 0.

    Raises:
        ValueError: for another layer.
    """
    if not isinstance(layer, _CONVOLUTIONS):
        raise ValueError(
            f"`layer` must be a convolution of Keras. Received: {layer}"
        )
    _check_built(layer)
    kernel = _array(layer.kernel)
    *sizes, rows, columns = kernel.shape
    groups = getattr(layer, "groups", 1)
    kernel = kernel.reshape(*sizes, rows, groups, columns // groups)
    kernel = np.swapaxes(kernel, -3, -2)
    kernel = kernel.reshape(*sizes, rows * groups, columns // groups)
    return _transposed_gains(kernel, layer.strides)


def _check_built(layer):
    if isinstance(layer, keras.Layer) and not layer.built:
        raise ValueError(f"`layer` must be built. Received: {layer}")


def _transposed_gains(kernel, strides):
    """Returns the gains of a kernel `(*kernel_size, outputs, inputs)`."""
    kernel = _array(kernel)
    strides = for_axes("strides", strides, kernel.ndim - 2)
    fill = [(0, max(s - k, 0)) for k, s in zip(kernel.shape, strides)]
    kernel = np.pad(kernel, [*fill, (0, 0), (0, 0)])
    return _array(phase_gains(kernel, strides))


def _subpixel_gains(kernel, strides):
    gains = phase_gains(_array(kernel), strides, transposed=False)
    return np.swapaxes(_array(gains), -1, -2)


def _array(tensor):
    return np.asarray(ops.convert_to_numpy(tensor), "float64")
