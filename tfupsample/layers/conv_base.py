"""What the convolutions of this package share: arguments, weights, format."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from tfupsample.arguments import (
    boolean,
    keras_object,
    per_axis,
    positive_integer,
    tap_count,
)
from tfupsample.layers.spatial_base import SpatialBase
from tfupsample.ops.adjoint import add_bias

MOST_WEIGHTS = 2**30
"""Numbers in a kernel: 4 GiB; larger kernels are surely mistakes."""

KERAS_ARGUMENTS = {
    "activation": keras.activations,
    "kernel_initializer": keras.initializers,
    "bias_initializer": keras.initializers,
    "kernel_regularizer": keras.regularizers,
    "bias_regularizer": keras.regularizers,
    "activity_regularizer": keras.regularizers,
    "kernel_constraint": keras.constraints,
    "bias_constraint": keras.constraints,
}
"""Arguments of `keras.layers.Conv2D` that every convolution here takes, and the
module that reads and writes each."""


def shared_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments that a constructor passes on to `ConvBase`.

    Constructors spell out their arguments, so that editors complete them, and
    pass on what they share by `super().__init__(..., **shared_arguments(
    locals()))`.

    Args:
        given: Arguments by name, among them `kwargs`.
    """
    names = ("data_format", "use_bias", *KERAS_ARGUMENTS)
    return {name: given[name] for name in names} | given["kwargs"]


class ConvBase(SpatialBase):
    """A convolution with a chosen `pad_mode`; subclasses say how it computes.

    A subclass sets `rank`, the number of spatial axes, and writes `convolve`,
    `output_sizes` and, where the convolution makes phases as channels,
    `arrange`; they take and return channels-last arrays. This class adds the
    kernel, the bias and the activation.

    Args:
        filters: Number of output channels.
        kernel_size: Integer up to 1024, or one for each spatial axis.
        pad_mode: One of `PAD_MODES`, or one for each spatial axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the
            default of Keras.
        use_bias: Whether to add one bias for each filter.
        **kwargs: All of `KERAS_ARGUMENTS`, and `name`, `dtype`, `trainable`.

    Raises:
        ValueError: for an argument outside these ranges; the message names it
            and what was received.
    """

    kernel_initializer: Any

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        pad_mode: str | Sequence[str],
        data_format: str | None,
        use_bias: bool,
        **kwargs: Any,
    ) -> None:
        given = {
            name: keras_object(module, name, kwargs.pop(name))
            for name, module in KERAS_ARGUMENTS.items()
        }
        super().__init__(pad_mode, data_format, **kwargs)
        self.filters = positive_integer("filters", filters)
        self.kernel_size = self.per_axis("kernel_size", kernel_size, tap_count)
        self.use_bias = boolean("use_bias", use_bias)
        for name, value in given.items():
            setattr(self, name, value)

    def per_axis(self, name, value, check):
        """Returns `value`, checked, for each spatial axis."""
        return per_axis(name, value, self.rank, check)

    @property
    def kernel_filters(self):
        """Output channels of the kernel."""
        return self.filters

    def build(self, input_shape):
        channels = self.known_channels(input_shape)
        self._add_weights(channels // self.groups)

    def _add_weights(self, channels):
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
            "use_bias": self.use_bias,
            **{
                name: module.serialize(getattr(self, name))
                for name, module in KERAS_ARGUMENTS.items()
            },
        }


def same_widths(kernel_size):
    """Padding `(before, after)` for each axis that keeps the size at stride 1.

    An even kernel has one pixel more after than before.
    """
    return tuple(((k - 1) // 2, k // 2) for k in kernel_size)
