"""Regularizers that price the checkerboard an upsampling paints."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import (
    boolean,
    finite,
    one_or_per_axis,
    scale_factor,
)
from tfupsample.ops.phase_gain import phase_gains


@keras.saving.register_keras_serializable(package="tfupsample")
class PhaseGainRegularizer(keras.regularizers.Regularizer):
    """Adds to the loss how far the gains of the output phases lie apart.

    The loss is `factor` times the sum, over pairs of channels and phases, of
    the squared difference of the phase's gain (the sum of its taps) from the
    mean of the phases. It is 0 where a flat image stays flat. `EqualPhaseGain`
    enforces what this encourages.

    Args:
        strides: Upsampling factor, an integer or one for each spatial axis.
        factor: Weight of the loss, at least 0.
        transposed: Which kernel it is, as for `EqualPhaseGain`.

    Raises:
        ValueError: if `strides` is not positive or `factor` negative, or, when
            called, as `EqualPhaseGain`.

    Example:
    >>> import numpy as np, tfupsample
    >>> regularizer = tfupsample.PhaseGainRegularizer(2, factor=0.5)
    >>> kernel = np.array([1.0, 3.0, 0.0]).reshape(3, 1, 1)  # gains 1 and 3
    >>> float(regularizer(kernel))
    1.0

    References:
        Sugawara, Shiota and Kiya, 2018, arXiv 1806.02658.
    """

    def __init__(
        self,
        strides: int | Sequence[int],
        factor: float = 0.01,
        transposed: bool = True,
    ) -> None:
        self.strides = one_or_per_axis("strides", strides, scale_factor)
        self.factor = finite("factor", factor, 0)
        self.transposed = boolean("transposed", transposed)

    def __call__(self, x: Any) -> Any:
        gains = phase_gains(x, self.strides, self.transposed)
        apart = gains - ops.mean(gains, 0, keepdims=True)
        return self.factor * ops.sum(ops.square(apart))

    def get_config(self):
        return {
            "strides": self.strides,
            "factor": self.factor,
            "transposed": self.transposed,
        }
