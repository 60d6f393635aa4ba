"""Measures what the steps of a network do to the phases of an upsampling."""

import math

import numpy as np
from keras import ops

from tfupsample.inspection.gains import imbalance
from tfupsample.ops.phase_gain import phase_gains

# Elements of a kernel that are in double precision at a time.
_PIECE = 1 << 22
_POINTWISE = ("activation", "normalisation", "bias", "pass")


def tap_shortage(kernel_size, strides, dilation=()):
    """Returns the share of the fullest phase's taps that the emptiest lacks.

    Args:
        kernel_size: Taps along each axis.
        strides: Phases along each axis.
        dilation: Pixels from tap to tap along each axis; empty if 1.

    Returns:
        A float from 0 (all phases have equally many taps) to 1 (one has none).
    """
    fullest = emptiest = 1
    dilation = dilation or (1,) * len(strides)
    for k, s, d in zip(kernel_size, strides, dilation):
        # Taps come back to the same phase after so many.
        phases = s // math.gcd(s, d)
        fullest *= -(-k // phases)
        emptiest *= k // phases if phases == s else 0
    return 1 - emptiest / fullest


def transposed_imbalance(step):
    """Returns the `imbalance` of a transposed convolution.

    `None` if its kernel is not known.
    """
    if step.kernel is None:
        return None
    sizes = step.kernel.shape[: len(step.strides)]
    fill = [(0, max(s - k, 0)) for k, s in zip(sizes, step.strides)]
    kernel = np.pad(_values(step.kernel), [*fill, (0, 0), (0, 0)])
    pieces = np.array_split(kernel, -(-kernel.size // _PIECE), axis=-2)
    gains = [
        ops.convert_to_numpy(phase_gains(piece.astype("float64"), step.strides))
        for piece in pieces
        if piece.size
    ]
    return imbalance(np.concatenate(gains, axis=1))


def phase_imbalance(step):
    """Returns the `imbalance` of a step that upsamples with weights.

    `None` if its kernel is not known.
    """
    if step.role == "transposed convolution":
        return transposed_imbalance(step)
    if step.role == "shuffle":
        return shuffled_imbalance(
            *before_shuffle(step), step.strides, step.phases_last
        )
    return shuffled_imbalance(step, [], step.strides)


def other_order_imbalance(step):
    """Returns the `imbalance` that a shuffle would have in the other order."""
    return shuffled_imbalance(
        *before_shuffle(step), step.strides, not step.phases_last
    )


def before_shuffle(step):
    """Returns the steps that make the phases which a step shuffles.

    Returns:
        `(convolution, path)`: the step of the convolution, or `None` if there
        is none, and the steps between the two, from the convolution on.
    """
    path, source = [], step
    while source.sources:
        source = source.sources[0]
        if source.role not in _POINTWISE:
            break
        path.append(source)
    if source.role != "convolution":
        return None, path[::-1]
    return source, path[::-1]


def shuffled_imbalance(convolution, path, strides, phases_last=False):
    """Returns the `imbalance` of what comes before a shuffle.

    Biases and normalisations have values for each phase too, and count as one
    more input, of strength 1. Activations are left out, since they keep equal
    phases equal.

    Args:
        convolution: The step of the convolution, or `None`.
        path: The steps between it and the shuffle.
        strides: The strides of the shuffle.
        phases_last: Whether the phases are in the fast part of the channels.

    Returns:
        A float from 0 to 1, or `None` if there is no convolution or its kernel
        is not known.
    """
    if convolution is None or convolution.kernel is None:
        return None
    kernel = _values(convolution.kernel)
    *_, inputs, outputs = kernel.shape
    taps = kernel.reshape(-1, inputs, outputs).sum(axis=0, dtype="float64")
    offset = np.zeros(outputs)
    for step in [convolution, *path]:
        gain = 1.0 if step.gain is None else step.gain
        taps = taps * gain
        offset = offset * gain + (0.0 if step.bias is None else step.bias)
    rows = np.concatenate([taps, offset[None]]) if offset.any() else taps
    if phases_last:
        split = rows.reshape(len(rows), -1, math.prod(strides))
        rows = np.swapaxes(split, 1, 2).reshape(rows.shape)
    kernel = rows.reshape((1,) * len(strides) + rows.shape)
    return imbalance(phase_gains(kernel, strides, transposed=False))


def _values(kernel):
    """Returns the array of a kernel in its own precision."""
    return np.asarray(ops.convert_to_numpy(kernel))
