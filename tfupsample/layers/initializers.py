"""Initializers with which an upsampling starts without a checkerboard."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import for_axes, keras_object, shape_of
from tfupsample.layers.phased_kernel import PhasedKernel, takes_strides
from tfupsample.ops.phase_gain import balanced


class PhasedInitializer(PhasedKernel, keras.initializers.Initializer):
    """Wraps an initializer so that all phases start with the same gain."""

    def __init__(
        self, initializer: Any, scale: int | Sequence[int], transposed: bool
    ) -> None:
        super().__init__(scale, transposed)
        self.initializer = keras_object(
            keras.initializers, "initializer", initializer
        )

    def get_config(self):
        return super().get_config() | {
            "initializer": keras.initializers.serialize(self.initializer)
        }


@keras.saving.register_keras_serializable(package="tfupsample")
class ICNR(PhasedInitializer):
    """Gives all sub-pixels of a filter the same kernel.

    The convolution before a depth-to-space then starts as a convolution
    followed by nearest-neighbour resizing: every phase has the same gain. This
    holds at the start only; training may make the phases differ.

    A transposed convolution, whose kernel is `(*kernel_size, filters,
    in_channels)`, starts the same way: each tap of a kernel `scale` times
    smaller is repeated `scale` times along each axis. The cropping of
    `padding="same"` shifts the result by `(kernel_size - scale) // 2` pixels.

    Args:
        initializer: Any Keras initializer, for the kernel of one phase.
        scale: Upsampling factor, an integer or one for each spatial axis.
        transposed: `True` for the kernel of a `Conv*DTranspose`, `False`
            (default) for that of a convolution before a depth-to-space.

    Raises:
        ValueError: if `scale` is not positive; when called, if the last axis of
            the shape is not a multiple of the number of phases, or the kernel
            size of a transposed convolution is not a multiple of `scale`.

    References:
        Aitken et al., 2017, "Checkerboard artifact free sub-pixel convolution",
        arXiv 1707.02937.
    """

    @takes_strides
    def __init__(
        self,
        initializer: Any = "glorot_uniform",
        scale: int | Sequence[int] = 2,
        transposed: bool = False,
    ) -> None:
        super().__init__(initializer, scale, transposed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        shape = _kernel_shape(shape)
        scale = for_axes("scale", self.scale, len(shape) - 2)
        make = self._repeated if self.transposed else self._tiled
        return make(shape, scale, dtype)

    def _tiled(self, shape, scale, dtype):
        phases = math.prod(scale)
        if shape[-1] % phases:
            raise ValueError(
                f"`ICNR(scale={self.scale})` needs a multiple of {phases} "
                f"output channels. Received: shape={shape}"
            )
        base = self.initializer((*shape[:-1], shape[-1] // phases), dtype=dtype)
        # Depth-to-space puts the phase in the slow part of the channel axis, so
        # the filters are tiled and not repeated one by one.
        return ops.tile(base, (1,) * (len(shape) - 1) + (phases,))

    def _repeated(self, shape, scale, dtype):
        if any(k % s for k, s in zip(shape, scale)):
            raise ValueError(
                f"`ICNR(scale={self.scale}, transposed=True)` needs a kernel "
                f"size that is a multiple of it. Received: shape={shape}"
            )
        taps = (k // s for k, s in zip(shape, scale))
        kernel = self.initializer((*taps, *shape[-2:]), dtype=dtype)
        for axis, s in enumerate(scale):
            kernel = ops.repeat(kernel, s, axis)
        return kernel


@keras.saving.register_keras_serializable(package="tfupsample")
class Balanced(PhasedInitializer):
    """Gives all output phases of an upsampling convolution the same gain.

    The kernel is that of `initializer`, moved by the smallest amount (least
    squares) to where `EqualPhaseGain` keeps it.

    Args:
        initializer: Any Keras initializer, for the whole kernel.
        scale: Upsampling factor, an integer or one for each spatial axis.
        transposed: `True` (default) for the kernel of a `Conv*DTranspose`,
            `False` for that of a convolution before a depth-to-space.

    Raises:
        ValueError: for the same reasons as `EqualPhaseGain`.
    """

    @takes_strides
    def __init__(
        self,
        initializer: Any = "glorot_uniform",
        scale: int | Sequence[int] = 2,
        transposed: bool = True,
    ) -> None:
        super().__init__(initializer, scale, transposed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        kernel = self.initializer(_kernel_shape(shape), dtype=dtype)
        return balanced(kernel, self.scale, self.transposed)


def independent(initializer: Any) -> Any:
    """Returns an initializer that draws other numbers than the given one.

    Keras seeds an initializer when it is made, so that two layers that share
    one start with the same numbers. A seed that the user chose is kept; names,
    functions and configurations come back as they are.

    Args:
        initializer: What a layer takes as its `kernel_initializer`.
    """
    if not isinstance(initializer, keras.initializers.Initializer):
        return initializer
    drawing = initializer
    while isinstance(drawing, PhasedInitializer):
        drawing = drawing.initializer
    unseeded = drawing.get_config().get("seed", 0) is None
    return initializer.clone() if unseeded else initializer


def _kernel_shape(shape):
    axes = "the shape of a kernel, (*kernel_size, channels, channels)"
    return shape_of("shape", shape, axes, (3, 4, 5))
