"""Constraints that keep an upsampling free of checkerboards in training."""

from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.layers.phased_kernel import PhasedKernel, takes_strides
from tfupsample.ops.phase_gain import balanced
from tfupsample.ops.ramps import ramp_keeping


@keras.saving.register_keras_serializable(package="tfupsample")
class EqualPhaseGain(PhasedKernel, keras.constraints.Constraint):
    """Keeps the taps of every output phase at the same sum.

    After each optimizer step it moves the kernel by the smallest amount (least
    squares) to one that keeps flat images flat: the strided layer then cannot
    paint a checkerboard on a flat region.

    Args:
        scale: Upsampling factor, an integer or one for each spatial axis.
        transposed: `True` (default) for the kernel of a transposed convolution,
            `(*kernel_size, filters, in_channels)`; `False` for that of the
            convolution before a depth-to-space, `(*kernel_size, in_channels,
            phases * filters)`, the phase in the slow part of the last axis.

    Raises:
        ValueError: if `scale` is not positive; when called, if a phase has no
            taps (a kernel smaller than the scale) or the last axis does not
            hold the phases.

    Example:
    >>> import keras, tfupsample
    >>> layer = keras.layers.Conv2DTranspose(
    ...     8, 4, strides=2, kernel_constraint=tfupsample.EqualPhaseGain(2)
    ... )

    References:
        Sugawara, Shiota and Kiya, 2018, "Super-Resolution Using Convolutional
        Neural Networks Without Any Checkerboard Artifacts", arXiv 1806.02658.
    """

    @takes_strides
    def __init__(
        self, scale: int | Sequence[int], transposed: bool = True
    ) -> None:
        super().__init__(scale, transposed)

    def __call__(self, w: Any) -> Any:
        return balanced(w, self.scale, self.transposed)


class KeepsRamps(PhasedKernel, keras.constraints.Constraint):
    """Keeps the gains and first moments of all output phases equal.

    It is stricter than `EqualPhaseGain`: after each optimizer step it moves the
    kernel by the smallest amount (least squares) to `ramp_keeping`.

    Args:
        scale: Upsampling factor of each spatial axis.
        transposed: As for `EqualPhaseGain`.
    """

    def __init__(self, scale: Sequence[int], transposed: bool = True) -> None:
        super().__init__(scale, transposed)

    def __call__(self, w: Any) -> Any:
        return ramp_keeping(w, self.scale, self.transposed)
