"""What the convolutions of this package share: arguments, weights, format."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import (
    boolean,
    of_keras,
    per_axis,
    positive_integer,
    tap_count,
)
from tfupsample.layers.spatial_base import SpatialBase
from tfupsample.ops.adjoint import add_bias

MOST_WEIGHTS = 2**30
"""Of a kernel: 4 GiB; what is above is a mistake."""


class ConvBase(SpatialBase):
    """A convolution with a chosen `pad_mode`; subclasses say how it computes.

    A subclass sets `rank`, the number of spatial axes, and writes `convolve`,
    `output_sizes` and, where the convolution makes phases as channels,
    `arrange`; they see and return channels-last arrays. This class adds the
    kernel, the bias and the activation.

    Args:
        filters: Number of output channels.
        kernel_size: Integer up to 1024, or one for each spatial axis.
        pad_mode: One of `PAD_MODES`, or one for each spatial axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        activation: Any Keras activation; none by default.
        use_bias: Whether to add one bias per filter.
        kernel_initializer: Any Keras initializer.
        bias_initializer: Any Keras initializer.
        kernel_regularizer: Any Keras regularizer; none by default.
        bias_regularizer: Any Keras regularizer; none by default.
        kernel_constraint: Any Keras constraint; none by default.
        bias_constraint: Any Keras constraint; none by default.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Raises:
        ValueError: for an argument outside what is listed here; the message
            names it and what was received.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        pad_mode: str | Sequence[str] = "symmetric",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_mode, data_format, **kwargs)
        self.filters = positive_integer("filters", filters)
        self.kernel_size = self.per_axis("kernel_size", kernel_size, tap_count)
        self.activation = of_keras(keras.activations, "activation", activation)
        self.use_bias = boolean("use_bias", use_bias)
        self.kernel_initializer = of_keras(
            keras.initializers, "kernel_initializer", kernel_initializer
        )
        self.bias_initializer = of_keras(
            keras.initializers, "bias_initializer", bias_initializer
        )
        self.kernel_regularizer = of_keras(
            keras.regularizers, "kernel_regularizer", kernel_regularizer
        )
        self.bias_regularizer = of_keras(
            keras.regularizers, "bias_regularizer", bias_regularizer
        )
        self.kernel_constraint = of_keras(
            keras.constraints, "kernel_constraint", kernel_constraint
        )
        self.bias_constraint = of_keras(
            keras.constraints, "bias_constraint", bias_constraint
        )

    def per_axis(self, name, value, check):
        """Returns `value`, checked, for each spatial axis."""
        return per_axis(name, value, self.rank, check)

    @property
    def kernel_filters(self):
        """Output channels of the kernel."""
        return self.filters

    def build(self, input_shape):
        channels = input_shape[self.channel_axis]
        if channels is None:
            raise ValueError(
                "The channels of the input must be known. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.input_spec = keras.layers.InputSpec(
            ndim=self.rank + 2, axes={self.channel_axis: channels}
        )
        shape = (*self.kernel_size, channels, self.kernel_filters)
        if math.prod(shape) > MOST_WEIGHTS:
            raise ValueError(
                f"`filters` and `kernel_size` must make a kernel of at most "
                f"{MOST_WEIGHTS} numbers. Received: shape={shape}"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=shape,
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.filters,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def transform(self, x):
        x = self.convolve(x)
        if self.use_bias:
            return self.activation(add_bias(x, self.bias, self.arrange))
        return self.activation(self.arrange(x))

    def convolve(self, x):
        """Returns filters, or phases times filters, without bias."""
        raise NotImplementedError

    def arrange(self, x):
        """Moves phases from the channels into space, where there are any."""
        return x

    def output_channels(self, channels):
        return self.filters

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **{
                f"{weight}_{kind}": getattr(keras, f"{kind}s").serialize(
                    getattr(self, f"{weight}_{kind}")
                )
                for weight in ("kernel", "bias")
                for kind in ("initializer", "regularizer", "constraint")
            },
        }


def convolve_valid(x, kernel, **kwargs):
    """Channels-last convolution without padding."""
    return ops.conv(
        x, kernel, padding="valid", data_format="channels_last", **kwargs
    )


def same_widths(kernel_size):
    """Padding `(before, after)` for each axis that keeps the size at stride 1.

    An even kernel has one pixel more after than before.
    """
    return tuple(((k - 1) // 2, k // 2) for k in kernel_size)


def scaled(sizes, scale):
    """Sizes times scale; unknown sizes stay `None`."""
    return tuple(n and n * s for n, s in zip(sizes, scale))
