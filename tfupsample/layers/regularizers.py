"""A regularizer that prices the checkerboard an upsampling paints."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import finite
from tfupsample.layers.phased_kernel import PhasedKernel, takes_strides
from tfupsample.ops.phase_gain import phase_gains


@keras.saving.register_keras_serializable(package="tfupsample")
class PhaseGainRegularizer(PhasedKernel, keras.regularizers.Regularizer):
    """Adds to the loss how far apart the gains of the output phases lie.

    The loss is `factor` times the sum, over pairs of channels and phases, of
    the squared difference between the phase's gain (the sum of its taps) and
    the mean gain of all phases. It is 0 where a flat image stays flat.
    `EqualPhaseGain` enforces what this regularizer encourages.

    Args:
        scale: Upsampling factor, an integer or one for each spatial axis.
        factor: Weight of the loss, at least 0.
        transposed: Which kernel it is, as for `EqualPhaseGain`.

    Raises:
        ValueError: if `scale` is not positive or `factor` is negative; when
            called, for the same reasons as `EqualPhaseGain`.

    Example:
    >>> import numpy as np, tfupsample
    >>> regularizer = tfupsample.PhaseGainRegularizer(2, factor=0.5)
    >>> kernel = np.array([1.0, 3.0, 0.0]).reshape(3, 1, 1)  # gains 1 and 3
    >>> float(regularizer(kernel))
    1.0

    References:
        Sugawara, Shiota and Kiya, 2018, arXiv 1806.02658.
    """

    @takes_strides
    def __init__(
        self,
        scale: int | Sequence[int],
        factor: float = 0.01,
        transposed: bool = True,
    ) -> None:
        super().__init__(scale, transposed)
        self.factor = finite("factor", factor, 0)

    def __call__(self, x: Any) -> Any:
        gains = phase_gains(x, self.scale, self.transposed)
        difference = gains - ops.mean(gains, 0, keepdims=True)
        return self.factor * ops.sum(ops.square(difference))

    def get_config(self):
        return super().get_config() | {"factor": self.factor}
