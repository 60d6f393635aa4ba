"""Initializers under which an upsampling starts without a checkerboard."""

import math

import keras
from keras import ops

from tfupsample.arguments import per_axis, positive_integer


@keras.saving.register_keras_serializable(package="tfupsample")
class ICNR(keras.initializers.Initializer):
    """Gives all sub-pixels of a filter the same kernel.

    The convolution before a depth-to-space then starts as a convolution
    followed by nearest-neighbour resizing: every phase has the same gain. Only
    at the start: training may make the phases differ.

    Args:
        initializer: Any Keras initializer, for the kernel of one phase.
        scale: Upsampling factor, an integer or one for each spatial axis.

    Raises:
        ValueError: if `scale` is not positive, or, when called, if the last
            axis of the shape is not a multiple of the number of phases.

    References:
        Aitken et al., 2017, "Checkerboard artifact free sub-pixel convolution",
        arXiv 1707.02937.
    """

    def __init__(self, initializer="glorot_uniform", scale=2):
        self.initializer = keras.initializers.get(initializer)
        rank = len(scale) if isinstance(scale, (list, tuple)) else 1
        values = per_axis("scale", scale, rank, positive_integer)
        self.scale = values if isinstance(scale, (list, tuple)) else values[0]

    def __call__(self, shape, dtype=None):
        scale = self.scale
        if isinstance(scale, int):
            scale = (scale,) * (len(shape) - 2)
        phases = math.prod(scale)
        if shape[-1] % phases:
            raise ValueError(
                f"`ICNR(scale={self.scale})` needs a multiple of {phases} "
                f"output channels. Received: shape={tuple(shape)}"
            )
        base = self.initializer((*shape[:-1], shape[-1] // phases), dtype=dtype)
        # Depth-to-space puts the phase in the slow part of the channel axis, so
        # the filters are tiled and not repeated one by one.
        return ops.tile(base, (1,) * (len(shape) - 1) + (phases,))

    def get_config(self):
        return {
            "initializer": keras.initializers.serialize(self.initializer),
            "scale": self.scale,
        }
