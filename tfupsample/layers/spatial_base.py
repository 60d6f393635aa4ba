"""What all layers of this package share: pad mode, data format, shapes."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import PAD_MODES, one_of, per_axis


class SpatialBase(keras.layers.Layer):
    """A layer over spatial axes whose border is an argument.

    A subclass sets `rank`, the number of spatial axes, and writes `transform`,
    which takes and returns channels-last arrays, and `output_sizes`.

    Args:
        pad_mode: One of `PAD_MODES`, or one for each spatial axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        **kwargs: `name`, `dtype`.

    Call arguments:
        inputs: Real numbers; integers become floats.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.
    """

    rank: int
    groups = 1

    def __init__(
        self,
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pad_mode = per_axis(
            "pad_mode",
            pad_mode,
            self.rank,
            lambda name, value: one_of(name, value, PAD_MODES),
        )
        self.data_format = one_of(
            "data_format",
            keras.config.image_data_format()
            if data_format is None
            else data_format,
            ("channels_last", "channels_first"),
        )
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2)

    @property
    def channel_axis(self):
        """Where `data_format` puts the channels."""
        return -1 if self.data_format == "channels_last" else 1

    @property
    def spatial_axes(self):
        """Where `data_format` puts the spatial axes, as a slice."""
        start = 1 if self.data_format == "channels_last" else 2
        return slice(start, start + self.rank)

    def known_channels(self, input_shape):
        """Returns the channels of the input, and holds the layer to them."""
        channels = input_shape[self.channel_axis]
        if channels is None:
            raise ValueError(
                "The channels of the input must be known. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        if channels % self.groups:
            raise ValueError(
                "`groups` must divide the channels of the input. "
                f"Received: groups={self.groups}, "
                f"input_shape={tuple(input_shape)}"
            )
        self.input_spec = keras.layers.InputSpec(
            ndim=self.rank + 2, axes={self.channel_axis: channels}
        )
        return channels

    def call(self, inputs):
        self._check(inputs)
        x = ops.cast(inputs, self.result_dtype(inputs.dtype))
        x = ops.moveaxis(x, self.channel_axis, -1)
        return ops.moveaxis(self.transform(x), -1, self.channel_axis)

    def _check(self, inputs):
        dtype = keras.backend.standardize_dtype(inputs.dtype)
        # A size may be unknown, or a symbol where JAX exports. TensorFlow's
        # own convolutions fail on an empty batch.
        known = [n for n in inputs.shape if isinstance(n, int)]
        if 0 in known or dtype.startswith(("complex", "string")):
            raise ValueError(
                "`inputs` must be real numbers, at least one along every axis. "
                f"Received: shape={tuple(inputs.shape)}, "
                f"dtype={dtype}"
            )

    def result_dtype(self, dtype):
        """Returns the dtype of the output for one of the input."""
        if keras.backend.is_float_dtype(dtype):
            return dtype
        return self.compute_dtype

    def transform(self, x):
        """Returns the output, channels last."""
        raise NotImplementedError

    def output_sizes(self, sizes):
        """Returns the spatial sizes of the output; `None` where unknown."""
        raise NotImplementedError

    def output_channels(self, channels):
        """Returns the channels of the output."""
        return channels

    def compute_output_shape(self, input_shape):
        shape = list(input_shape)
        shape[self.channel_axis] = self.output_channels(
            input_shape[self.channel_axis]
        )
        shape[self.spatial_axes] = self.output_sizes(
            input_shape[self.spatial_axes]
        )
        return tuple(shape)

    def get_config(self):
        return super().get_config() | {
            "pad_mode": self.pad_mode,
            "data_format": self.data_format,
        }
