"""Resize-convolution: resize, pad, convolve."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from tfupsample.arguments import INTERPOLATIONS, one_of, upsampling_factor
from tfupsample.layers.conv_base import (
    ConvBase,
    same_widths,
    shared_arguments,
)
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.adjoint import crop
from tfupsample.ops.convolution import convolve_valid
from tfupsample.ops.padding import pad
from tfupsample.ops.phase_form import (
    depth_to_space,
    exact_pad_mode,
    phase_kernel,
    phase_plan,
)
from tfupsample.ops.repeated_phases import distinct_plan, pays, repeat_inner
from tfupsample.ops.resize import resize

IMPLEMENTATIONS = ("auto", "plain", "phase")

MOST_ARITHMETIC = 2.5
"""Multiply-adds of the phase form, over those of the plain form, up to which it
is the faster one, because it stores and pads no resized map. Only bilinear with
a 1×1 kernel, at 4, is above. `benchmarks/implementations.py` measures it."""


class ResizeConv(UpsamplingBase, ConvBase):
    """Upsamples by interpolation, then applies a stride-1 convolution.

    Use `ResizeConv1D`, `ResizeConv2D` or `ResizeConv3D`.

    In every phase of the output the kernel sums to the same gain, so a flat
    input stays flat whatever the weights: the layer cannot draw the
    checkerboard of a strided transposed convolution. Padding follows the
    resizing, so with any mode but `"constant"` a flat input stays flat up to
    its edge.

    The layer means *resize, pad, convolve*, and its one kernel is that of the
    convolution. With nearest and bilinear interpolation, one smaller
    convolution at the resolution of the input (the *phase form*) gives the same
    numbers for the arithmetic of a transposed convolution.

    The arguments from `data_format` on are those of `keras.layers.Conv2D`.

    Args:
        filters: Number of output channels.
        kernel_size: Size of the kernel, in output pixels; odd or even, one
            integer (default 3) or one for each axis. An even kernel reaches one
            pixel further after (down, to the right) than before.
        scale: Integer upsampling factor up to 256, or one for each axis.
        interpolation: `"nearest"` (default), `"bilinear"` or `"bicubic"`, with
            half-pixel centres, as in `tf.image.resize`; linear or cubic along
            each axis, however many there are.
        pad_mode: What the kernel sees beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        implementation: How to compute the result, never what it is: `"plain"`
            is the definition, `"phase"` the form at low resolution (an error
            where it is not exact), `"auto"` (default) the faster exact one.
        **kwargs: `name`, `dtype`, `trainable`.

    Call arguments:
        inputs: The images.
        size: The sizes to cut the output to (`UpsamplingBase`), or
        like: an array that has them, such as a skip connection.

    Input shape:
        `(batch, *sizes, channels)`, or channels first. Batch and sizes may be
        unknown.

    Output shape:
        `(batch, *(scale * size), filters)`, or channels first.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.

    References:
        Odena, Dumoulin and Olah, 2016, "Deconvolution and Checkerboard
        Artifacts", https://doi.org/10.23915/distill.00003. Karras et al., 2018,
        "Progressive Growing of GANs", arXiv 1710.10196, already compute nearest
        upsampling and convolution in one operation.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int] = 3,
        scale: int | Sequence[int] = 2,
        interpolation: str = "nearest",
        pad_mode: str | Sequence[str] = "symmetric",
        implementation: str = "auto",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, pad_mode, **shared_arguments(locals())
        )
        self.scale = self.per_axis("scale", scale, upsampling_factor)
        self.interpolation = one_of(
            "interpolation", interpolation, INTERPOLATIONS
        )
        self.implementation = one_of(
            "implementation", implementation, IMPLEMENTATIONS
        )
        if implementation == "phase" and None in self._lowres_pad_modes():
            raise ValueError(
                "`implementation='phase'` is not exact for "
                f"interpolation={interpolation!r}, pad_mode={pad_mode!r}, "
                f"kernel_size={kernel_size!r}, scale={scale!r}. Use 'auto', "
                "which takes the plain form here. "
                f"Received: {implementation!r}"
            )

    def _lowres_pad_modes(self):
        """How the phase form extends each axis of the input, or `None`."""
        return [
            exact_pad_mode(mode, k, s, self.interpolation)
            for mode, k, s in zip(self.pad_mode, self.kernel_size, self.scale)
        ]

    @property
    def uses_phases(self):
        """Whether the layer computes at low resolution."""
        if self.implementation != "auto":
            return self.implementation == "phase"
        if max(self.scale) == 1 or None in self._lowres_pad_modes():
            return False
        taps = math.prod(plan.taps for plan in self._plans())
        return taps <= MOST_ARITHMETIC * math.prod(self.kernel_size)

    def _plans(self):
        """How to compute each axis at low resolution."""
        if self._repeats():
            return [distinct_plan(*self.kernel_size, *self.scale)]
        return [
            phase_plan(k, s, self.interpolation)
            for k, s in zip(self.kernel_size, self.scale)
        ]

    def _repeats(self):
        """Whether phases that are equal are computed once."""
        return (
            self.rank == 1
            and self.interpolation == "nearest"
            and pays(*self.kernel_size, *self.scale)
        )

    def convolve(self, x):
        return self._phases(x) if self.uses_phases else self._plain(x)

    def _plain(self, x):
        """The definition."""
        x = resize(x, self.scale, self.interpolation)
        x = pad(x, same_widths(self.kernel_size), self.pad_mode)
        return convolve_valid(x, self.kernel)

    def _phases(self, x):
        """The phases side by side, with a few too many at the border."""
        plans = self._plans()
        x = pad(x, [plan.pad for plan in plans], self._lowres_pad_modes())
        return convolve_valid(x, phase_kernel(self.kernel, plans))

    def arrange(self, x):
        if not self.uses_phases:
            return x
        if self._repeats():
            return repeat_inner(x, *self.kernel_size, *self.scale)
        crops = [plan.crop for plan in self._plans()]
        return crop(depth_to_space(x, self.scale), crops)

    def get_config(self):
        return super().get_config() | {
            "scale": self.scale,
            "interpolation": self.interpolation,
            "implementation": self.implementation,
        }


@keras.saving.register_keras_serializable(package="tfupsample")
class ResizeConv1D(ResizeConv):
    """`ResizeConv` of `(batch, length, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.ResizeConv1D(filters=8, scale=4)
    >>> tuple(layer(np.zeros((1, 100, 4), "float32")).shape)
    (1, 400, 8)
    """

    rank = 1


@keras.saving.register_keras_serializable(package="tfupsample")
class ResizeConv2D(ResizeConv):
    """`ResizeConv` of `(batch, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.ResizeConv2D(filters=8, kernel_size=3)
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 32, 32, 8)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="tfupsample")
class ResizeConv3D(ResizeConv):
    """`ResizeConv` of `(batch, depth, height, width, channels)`.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.ResizeConv3D(filters=2, scale=(1, 2, 2))
    >>> tuple(layer(np.zeros((1, 4, 8, 8, 4), "float32")).shape)
    (1, 4, 16, 16, 2)
    """

    rank = 3
