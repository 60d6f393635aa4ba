"""Upsampling by learning where to sample (DySample)."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import (
    LARGEST,
    boolean,
    keras_object,
    one_of,
    per_axis,
    positive_integer,
    upsampling_factor,
)
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.phase_form import depth_to_space
from tfupsample.ops.sampling import sample

ORDERS = ("lp", "pl")
"""Linear layer, then pixel shuffle; or pixel shuffle, then linear layer."""


@keras.saving.register_keras_serializable(package="tfupsample")
class DySample2D(UpsamplingBase):
    """Enlarges images by reading them where the content says.

    Every output pixel is read between the four nearest pixels of one position
    of the input, as in bilinear resizing. The position is that of bilinear
    resizing plus an offset, which a linear layer (a 1×1 convolution) makes of
    the input. The channels are kept, so a convolution usually follows, as it
    does in `ContentAwareConv2D`.

    The four weights of an output pixel add up to one, wherever it is read. So a
    flat input stays flat and keeps its value, whatever the linear layer has
    learned, unless `pad_mode` is `"constant"`, whose zeros may be read.

    Positions may lie anywhere: beyond its border the input continues without
    end, as `pad_mode` says. `"edge"` is what the published module does, which
    reads the nearest pixel of the border. At an odd `scale` a position of
    bilinear resizing is that of a pixel, where the gradient by the offset is
    that of one side. Positions are computed in 32 bits at least.

    Args:
        scale: Integer upsampling factor up to 256 (default 2), or one for each
            axis.
        groups: Number of groups of channels (default 4), each read at positions
            of its own; it must divide the channels.
        order: `"lp"` (default): the linear layer makes the offsets of all
            phases, which pixel shuffle brings to full size. `"pl"`: pixel
            shuffle brings the input to full size, and the linear layer makes
            one offset of each pixel; the product of `scale` must divide the
            channels.
        dynamic_scope: Whether the input also says how far the offsets reach: a
            second linear layer, without bias and started at zero, whose sigmoid
            is halved and multiplies them. By default they are divided by 4.
        kernel_initializer: Any Keras initializer, for the linear layer of the
            offsets; `None` (default) for a standard deviation of 0.001, with
            which the layer starts close to bilinear resizing.
        pad_mode: How the input continues beyond its border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        **kwargs: `name`, `dtype`, `trainable`.

    Attributes:
        offset: `PaddedConv2D` to the offsets, in input pixels before they are
            scaled: for each phase, with `"lp"`, those along the rows of all
            groups, then those along the columns.
        scope: `PaddedConv2D` of as many channels, or `None`.

    Call arguments:
        inputs: The images.
        size: The sizes to cut the output to (`UpsamplingBase`), or
        like: an array that has them, such as a skip connection.

    Input shape:
        `(batch, height, width, channels)`, or channels first. Batch, height and
        width may be unknown.

    Output shape:
        `(batch, scale * height, scale * width, channels)`, or channels first.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.

    Example:
    >>> import numpy as np, tfupsample
    >>> layer = tfupsample.DySample2D(scale=3, groups=2, dynamic_scope=True)
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 48, 48, 4)

    References:
        Liu et al., 2023, "Learning to Upsample by Learning to Sample",
        arXiv 2308.15085.
    """

    rank = 2

    def __init__(
        self,
        scale: int | Sequence[int] = 2,
        groups: int = 4,
        order: str = "lp",
        dynamic_scope: bool = False,
        kernel_initializer: Any = None,
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_mode, data_format, **kwargs)
        self.scale = per_axis("scale", scale, 2, upsampling_factor)
        self.groups = positive_integer("groups", groups)
        self.order = one_of("order", order, ORDERS)
        self.dynamic_scope = boolean("dynamic_scope", dynamic_scope)
        self.kernel_initializer = keras_object(
            keras.initializers,
            "kernel_initializer",
            kernel_initializer or keras.initializers.RandomNormal(stddev=0.001),
        )
        phases = math.prod(self.scale) if order == "lp" else 1
        if 2 * self.groups * phases > LARGEST:
            raise ValueError(
                f"`groups` and `scale` must make at most {LARGEST} offsets for "
                f"each pixel. Received: groups={groups!r}, scale={scale!r}"
            )
        self.offset = self._linear(
            2 * self.groups * phases,
            kernel_initializer=self.kernel_initializer,
            name="offset",
        )
        self.scope = None
        if dynamic_scope:
            self.scope = self._linear(
                self.offset.filters,
                use_bias=False,
                kernel_initializer="zeros",
                name="scope",
            )

    def _linear(self, filters, **kwargs):
        return PaddedConv2D(
            filters,
            1,
            data_format="channels_last",
            dtype=self.dtype_policy,
            **kwargs,
        )

    def build(self, input_shape):
        channels = self.known_channels(input_shape)
        if self.order == "pl":
            phases = math.prod(self.scale)
            if channels % phases:
                raise ValueError(
                    "The product of `scale` must divide the channels of the "
                    f"input with order='pl'. Received: scale={self.scale}, "
                    f"input_shape={tuple(input_shape)}"
                )
            channels //= phases
        for linear in filter(None, (self.offset, self.scope)):
            linear.build((None, None, None, channels))

    def transform(self, x):
        if self.order == "lp":
            offsets = depth_to_space(self._offsets(x), self.scale)
        else:
            offsets = self._offsets(pixel_shuffle(x, self.scale))
        return sample(x, offsets, self.scale, self.pad_mode)

    def _offsets(self, content):
        precise = keras.backend.result_type(content.dtype, "float32")
        offset = ops.cast(self.offset(content), precise)
        if self.scope is None:
            return 0.25 * offset
        scope = ops.cast(self.scope(content), precise)
        return 0.5 * ops.sigmoid(scope) * offset

    def get_config(self):
        return super().get_config() | {
            "scale": self.scale,
            "groups": self.groups,
            "order": self.order,
            "dynamic_scope": self.dynamic_scope,
            "kernel_initializer": keras.initializers.serialize(
                self.kernel_initializer
            ),
        }


def pixel_shuffle(x, scale):
    """Moves phases from the fast part of the channels into space.

    This is the order of PyTorch, in which weights are published; that of
    `depth_to_space` has the phases in the slow part.
    """
    batch, height, width, channels = ops.shape(x)
    phases = math.prod(scale)
    x = ops.reshape(x, (-1, channels // phases, phases))
    x = ops.reshape(ops.swapaxes(x, 1, 2), (batch, height, width, channels))
    return depth_to_space(x, scale)
