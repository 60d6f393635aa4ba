"""Anti-aliased resampling by a fixed filter, without weights."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tfupsample.arguments import (
    one_of,
    per_axis,
    scale_factor,
    upsampling_factor,
)
from tfupsample.layers.padded_conv import (
    after_the_cell,
    divided,
    strided_widths,
)
from tfupsample.layers.spatial_base import SpatialBase
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.fir import filter_phases, filter_valid, fir_taps
from tfupsample.ops.padding import pad
from tfupsample.ops.resize import polyphase

ALIGNMENTS = {
    "after": after_the_cell,
    "before": lambda taps, scale: (max(taps - scale, 0) + 1) // 2,
    "first": lambda taps, scale: (taps - 1) // 2,
}
"""Pixels of a filter before the cell that it makes one pixel of."""


class Blur(SpatialBase):
    """Resampling with a separable FIR filter, the same for every channel.

    Use `BlurUpsample2D` or `BlurDownsample2D`. There are no weights to train.
    Pixels have half-pixel centres, as in `ResizeConv2D`, and the filter is
    centred on each cell of `scale` pixels; where its length and `scale` differ
    by an odd number, it reaches one pixel further after the cell, down and to
    the right. With the same taps and zeros beyond the border, upsampling is the
    transpose of downsampling, times `scale` for each axis.

    Args:
        scale: Integer factor up to 256 (default 2), or one for each axis.
        kernel: The filter along each axis, in pixels of the larger image: a
            number of taps for the binomial filter, or a sequence of taps
            (default `(1, 3, 3, 1)`), which is normalised to a sum of 1.
        pad_mode: What the filter sees beyond the border of the input:
            `"symmetric"` (default), `"reflect"`, `"edge"`, `"circular"` or
            `"constant"` (zeros; draws a border). One word, or one for each
            axis. With any mode but `"constant"` a flat input stays flat and
            keeps its value.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        **kwargs: `name`, `dtype`.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.

    References:
        Zhang, 2019, "Making Convolutional Networks Shift-Invariant Again",
        arXiv 1904.11486; Karras et al., 2020, arXiv 1912.04958 (StyleGAN2).
    """

    rank = 2

    def __init__(
        self,
        scale: int | Sequence[int] = 2,
        kernel: int | Sequence[float] = (1, 3, 3, 1),
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_mode, data_format, **kwargs)
        self.scale = per_axis("scale", scale, self.rank, scale_factor)
        self.taps = fir_taps("kernel", kernel)
        self.kernel = (
            tuple(np.asarray(kernel, float).tolist())
            if np.ndim(kernel)
            else int(np.asarray(kernel))
        )

    def get_config(self):
        return super().get_config() | {
            "scale": self.scale,
            "kernel": self.kernel,
        }


@keras.saving.register_keras_serializable(package="tfupsample")
class BlurUpsample2D(UpsamplingBase, Blur):
    """Inserts zeros between the pixels and filters, with gain `scale`.

    The zeros are never stored: each phase of the output is a weighted sum of
    neighbours. Arguments, alignment and sources are those of `Blur`; the
    defaults are bilinear resizing, at the border too.

    A filter whose phases `kernel[i::scale]` have unequal sums would paint a
    checkerboard and is refused. The sums are equal exactly if the filter is
    another filter convolved with a box of `scale` ones: at scale 2 every
    binomial filter of two or more taps is, at larger scales none.

    Call arguments:
        inputs: The images.
        size: The sizes to cut the output to (`UpsamplingBase`), or
        like: an array that has them, such as a skip connection.

    Input shape:
        `(batch, height, width, channels)`, or channels first. Batch, height and
        width may be unknown.

    Output shape:
        `(batch, scale * height, scale * width, channels)`, or channels first.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.BlurUpsample2D(scale=3, kernel=(1, 2, 3, 2, 1))
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 48, 48, 4)
    """

    def __init__(
        self,
        scale: int | Sequence[int] = 2,
        kernel: int | Sequence[float] = (1, 3, 3, 1),
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        scale = per_axis("scale", scale, self.rank, upsampling_factor)
        super().__init__(scale, kernel, pad_mode, data_format, **kwargs)
        for s in self.scale:
            gains = [self.taps[phase::s].sum() for phase in range(s)]
            if np.ptp(gains) > 1e-6:
                raise ValueError(
                    f"`kernel` must have {s} phases of equal sums, or it "
                    "paints a checkerboard: convolve it with a box of "
                    f"scale={s} ones. Received: {kernel!r}"
                )

    def transform(self, x):
        return upsampled(x, self.scale, [self.taps] * self.rank, self.pad_mode)


@keras.saving.register_keras_serializable(package="tfupsample")
class BlurDownsample2D(Blur):
    """Filters, then keeps every `scale`-th pixel, so that nothing aliases.

    Arguments and sources are those of `Blur`, and so is the alignment unless
    `align` says otherwise. The padding is that of `PaddedConv2D`; a filter
    shorter than `scale` begins where its cell begins.

    Other libraries place a filter otherwise where its length and `scale` differ
    by an odd number, as for the common three taps at `scale` 2: one pixel
    further up and to the left, so that the result is mirrored. Weights that
    were trained behind such a filter need the same one here.

    Args:
        align: Where the filter lies. `"after"` (default) centres it on each
            cell of `scale` pixels and, where that is half a pixel off, reaches
            one pixel further after the cell; `"before"` reaches one further
            before it, as `downsample_2d` of StyleGAN2 (whose kernel is
            reversed, and whose pixels beyond the border are zeros). `"first"`
            centres it on the first pixel of each cell, one with an even number
            of taps half a pixel after it, as `BlurPool` of antialiased-cnns
            and `BlurPool2D` of kornia. At `scale` 2 the last two are the same.

    Input shape:
        `(batch, height, width, channels)`, or channels first. Batch, height and
        width may be unknown.

    Output shape:
        `(batch, ceil(height / scale), ceil(width / scale), channels)`, or
        channels first.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.BlurDownsample2D(kernel=3, pad_mode="reflect")
    >>> tuple(layer(np.zeros((1, 15, 16, 4), "float32")).shape)
    (1, 8, 8, 4)
    """

    def __init__(
        self,
        scale: int | Sequence[int] = 2,
        kernel: int | Sequence[float] = (1, 3, 3, 1),
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        align: str = "after",
        **kwargs: Any,
    ) -> None:
        super().__init__(scale, kernel, pad_mode, data_format, **kwargs)
        self.align = one_of("align", align, ALIGNMENTS)

    def transform(self, x):
        taps = [self.taps] * self.rank
        return downsampled(
            x, self.scale, taps, self.pad_mode, ALIGNMENTS[self.align]
        )

    def output_sizes(self, sizes):
        return divided(sizes, self.scale)

    def get_config(self):
        return super().get_config() | {"align": self.align}


def upsampled(x, scale, taps, modes):
    """Inserts zeros and filters, each axis with its own scale, taps and mode.

    Args:
        x: `(batch, *sizes, channels)`.
        scale: Integer for each spatial axis.
        taps: Sequence of sum 1 for each spatial axis, at least `scale` long.
        modes: A mode of `PAD_MODES` for each spatial axis.
    """
    for axis, (s, t, mode) in enumerate(zip(scale, taps, modes), start=1):
        x = polyphase(x, axis, *filter_phases(t, s), mode)
    return x


def downsampled(x, scale, taps, modes, lead=after_the_cell):
    """Filters and keeps every `scale`-th pixel.

    Arguments are those of `upsampled`, and a function of `ALIGNMENTS`.
    """
    x = pad(x, strided_widths([len(t) for t in taps], scale, lead), modes)
    for axis, (s, t) in enumerate(zip(scale, taps), start=1):
        x = filter_valid(x, axis, t, s)
    return x
