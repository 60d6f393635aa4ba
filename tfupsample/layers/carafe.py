"""Content-aware reassembly of features (CARAFE)."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import (
    LARGEST,
    keras_object,
    per_axis,
    positive_integer,
    tap_count,
    upsampling_factor,
)
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.upsampling_base import UpsamplingBase
from tfupsample.ops.reassembly import reassemble


@keras.saving.register_keras_serializable(package="tfupsample")
class Carafe2D(UpsamplingBase):
    """Enlarges images by averages of neighbours that the content chooses.

    A 1×1 convolution compresses the channels; a second convolution, the content
    encoder, makes of them one number for each tap of each output pixel; softmax
    over the taps turns these into weights. Every output pixel is the sum, with
    its own weights, of the neighbourhood of the input pixel that it lies in.
    The channels are kept, so a convolution usually follows, as it does in
    `ContentAwareConv2D`.

    The weights of each output pixel are positive and add up to one, whatever
    the two convolutions have learned. So a flat input stays flat and keeps its
    value, unless `pad_mode` is `"constant"`, whose zeros are averaged into the
    border; the published module pads with zeros.

    The softmax is computed in 32 bits at least.

    Args:
        scale: Integer upsampling factor up to 256 (default 2), or one for each
            axis.
        kernel_size: Height and width of the neighbourhood, in input pixels; one
            integer (default 5) or two. An even one reaches one pixel further
            down and to the right.
        encoder_size: Height and width of the kernel of the content encoder, in
            input pixels; one integer (default 3) or two. The authors advise
            `kernel_size - 2`.
        compressed_channels: Channels that the content encoder sees.
        groups: Number of groups of channels (default 1) with weights of their
            own; it must divide the channels.
        kernel_initializer: Any Keras initializer, for the content encoder;
            `None` (default) for a standard deviation of 0.001, with which all
            taps start with nearly equal weights.
        pad_mode: What both kernels see beyond the border: `"symmetric"`
            (default), `"reflect"`, `"edge"`, `"circular"` or `"constant"`
            (zeros; draws a border). One word, or one for each axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        **kwargs: `name`, `dtype`, `trainable`.

    Attributes:
        compressor: `PaddedConv2D` from the channels to `compressed_channels`.
        encoder: `PaddedConv2D` to `groups * phases * taps` channels, the groups
            in the slow part; phases and taps go row by row.

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
    >>> layer = tfupsample.Carafe2D(scale=2, compressed_channels=16)
    >>> tuple(layer(np.zeros((1, 16, 16, 4), "float32")).shape)
    (1, 32, 32, 4)

    References:
        Wang et al., 2019, "CARAFE: Content-Aware ReAssembly of FEatures",
        arXiv 1905.02188.
    """

    rank = 2

    def __init__(
        self,
        scale: int | Sequence[int] = 2,
        kernel_size: int | Sequence[int] = 5,
        encoder_size: int | Sequence[int] = 3,
        compressed_channels: int = 64,
        groups: int = 1,
        kernel_initializer: Any = None,
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_mode, data_format, **kwargs)
        self.scale = per_axis("scale", scale, 2, upsampling_factor)
        self.kernel_size = per_axis("kernel_size", kernel_size, 2, tap_count)
        self.encoder_size = per_axis("encoder_size", encoder_size, 2, tap_count)
        self.compressed_channels = positive_integer(
            "compressed_channels", compressed_channels
        )
        self.groups = positive_integer("groups", groups)
        self._weights_shape = (
            self.groups,
            math.prod(self.scale),
            math.prod(self.kernel_size),
        )
        if math.prod(self._weights_shape) > LARGEST:
            raise ValueError(
                "`groups`, `scale` and `kernel_size` must make at most "
                f"{LARGEST} weights for each input pixel. Received: "
                f"groups={groups!r}, scale={scale!r}, "
                f"kernel_size={kernel_size!r}"
            )
        self.kernel_initializer = keras_object(
            keras.initializers,
            "kernel_initializer",
            kernel_initializer or keras.initializers.RandomNormal(stddev=0.001),
        )
        inner = {"data_format": "channels_last", "dtype": self.dtype_policy}
        self.compressor = PaddedConv2D(
            self.compressed_channels, 1, name="compressor", **inner
        )
        self.encoder = PaddedConv2D(
            math.prod(self._weights_shape),
            self.encoder_size,
            pad_mode=self.pad_mode,
            kernel_initializer=self.kernel_initializer,
            name="encoder",
            **inner,
        )

    def build(self, input_shape):
        channels = self.known_channels(input_shape)
        self.compressor.build((None, None, None, channels))
        self.encoder.build((None, None, None, self.compressed_channels))

    def transform(self, x):
        content = self.encoder(self.compressor(x))
        logits = ops.reshape(content, (-1, *self._weights_shape))
        precise = keras.backend.result_type(x.dtype, "float32")
        weights = ops.softmax(ops.cast(logits, precise), axis=-1)
        return reassemble(
            x,
            ops.cast(weights, x.dtype),
            self.kernel_size,
            self.scale,
            self.pad_mode,
        )

    def get_config(self):
        return super().get_config() | {
            "scale": self.scale,
            "kernel_size": self.kernel_size,
            "encoder_size": self.encoder_size,
            "compressed_channels": self.compressed_channels,
            "groups": self.groups,
            "kernel_initializer": keras.initializers.serialize(
                self.kernel_initializer
            ),
        }
