"""Resize-convolution: resize, pad, convolve."""

import keras

from tfupsample.arguments import one_of
from tfupsample.kernels import (
    INTERPOLATIONS,
    depth_to_space,
    exact_pad_mode,
    phase_kernel,
    phase_plan,
)
from tfupsample.layers.conv_base import (
    ConvBase,
    convolve_valid,
    same_widths,
    scaled,
)
from tfupsample.padding import pad
from tfupsample.resize import resize

IMPLEMENTATIONS = ("auto", "plain", "phase")


class ResizeConv(ConvBase):
    """Resize-convolution over `rank` spatial axes; use `ResizeConv2D`."""

    def __init__(
        self,
        filters,
        kernel_size=3,
        scale=2,
        interpolation="nearest",
        pad_mode="symmetric",
        implementation="auto",
        **kwargs,
    ):
        super().__init__(filters, kernel_size, pad_mode, **kwargs)
        self.scale = self.per_axis("scale", scale)
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
                "which computes the plain form there. "
                f"Received: {implementation!r}"
            )

    def _lowres_pad_modes(self):
        """For each axis how the phase form extends the input, or `None`."""
        return [
            exact_pad_mode(mode, k, s, self.interpolation)
            for mode, k, s in zip(self.pad_mode, self.kernel_size, self.scale)
        ]

    @property
    def uses_phases(self):
        """Whether the layer computes at low resolution."""
        if self.implementation != "auto":
            return self.implementation == "phase"
        return (
            self.interpolation == "nearest"
            and max(self.scale) > 1
            and None not in self._lowres_pad_modes()
        )

    def convolve(self, x):
        return self._phase(x) if self.uses_phases else self._plain(x)

    def _plain(self, x):
        """The definition."""
        x = resize(x, self.scale, self.interpolation)
        x = pad(x, same_widths(self.kernel_size), self.pad_mode)
        return convolve_valid(x, self.kernel)

    def _phase(self, x):
        """The same result from a convolution of the input's own size."""
        plans = [
            phase_plan(k, s, self.interpolation)
            for k, s in zip(self.kernel_size, self.scale)
        ]
        x = pad(x, [plan.pad for plan in plans], self._lowres_pad_modes())
        x = convolve_valid(x, phase_kernel(self.kernel, plans))
        return crop(depth_to_space(x, self.scale), [p.crop for p in plans])

    def output_sizes(self, sizes):
        return scaled(sizes, self.scale)

    def get_config(self):
        return super().get_config() | {
            "scale": self.scale,
            "interpolation": self.interpolation,
            "implementation": self.implementation,
        }


def crop(x, widths):
    """Drops `(before, after)` pixels of each spatial axis."""
    index = tuple(slice(a, -b or None) for a, b in widths)
    return x[(slice(None), *index)] if any(map(any, widths)) else x


@keras.saving.register_keras_serializable(package="tfupsample")
class ResizeConv2D(ResizeConv):
    """Upsamples by interpolation, then applies a stride-1 convolution.

    Every phase of the output sums the kernel to the same gain, so that a flat
    input stays flat whatever the weights: the layer cannot draw the
    checkerboard of a strided transposed convolution. Padding follows the
    resizing, so that with any mode but `"constant"` a flat input stays flat up
    to its edge.

    The layer means *resize, pad, convolve*, and its one kernel is that of the
    convolution. With nearest interpolation the same numbers come from one
    smaller convolution at the resolution of the input (the *phase form*), for
    the arithmetic of a transposed convolution.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel, in output pixels; odd or
            even, one integer or two. An even kernel reaches one pixel further
            down and to the right than up and to the left.
        scale: Integer upsampling factor, or one for each axis.
        interpolation: `"nearest"` (default), `"bilinear"` or `"bicubic"`, with
            half-pixel centres, as `tf.image.resize`.
        pad_mode: What the kernel sees beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        implementation: How to compute, never what: `"plain"` is the
            definition, `"phase"` the form at low resolution (an error where it
            would not be exact), `"auto"` (default) the faster exact one.
        **kwargs: `activation`, `use_bias`, `data_format`, the initializers,
            regularizers and constraints of `keras.layers.Conv2D`, and `name`,
            `dtype`, `trainable`.

    Input shape:
        `(batch, height, width, channels)`, or channels first. Batch, height and
        width may be unknown.

    Output shape:
        `(batch, scale * height, scale * width, filters)`, or channels first.

    Raises:
        ValueError: for an argument outside what is listed here; the message
            names it and what was received.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.ResizeConv2D(filters=8, kernel_size=3)
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 32, 32, 8)

    References:
        Odena, Dumoulin and Olah, 2016, "Deconvolution and Checkerboard
        Artifacts", https://doi.org/10.23915/distill.00003. Computing nearest
        upsampling and convolution in one go is older than this layer: Karras
        et al., 2018, "Progressive Growing of GANs", arXiv 1710.10196.
    """

    rank = 2
