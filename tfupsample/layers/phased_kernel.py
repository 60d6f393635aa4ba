"""What initializers, constraints and regularizers of phases share."""

from collections.abc import Sequence

from tfupsample.arguments import boolean, one_or_per_axis, scale_factor


class PhasedKernel:
    """The arguments that say which taps of a kernel belong to which phase.

    Args:
        scale: Upsampling factor, an integer or one for each spatial axis.
        transposed: Whether the kernel is that of a transposed convolution,
            `(*kernel_size, filters, in_channels)`, or that of the convolution
            before a depth-to-space, `(*kernel_size, in_channels, phases *
            filters)`, the phase in the slow part of the last axis.

    Raises:
        ValueError: if `scale` is not positive or `transposed` not a `bool`.
    """

    def __init__(self, scale: int | Sequence[int], transposed: bool) -> None:
        self.scale = one_or_per_axis("scale", scale, scale_factor)
        self.transposed = boolean("transposed", transposed)

    def get_config(self):
        return {"scale": self.scale, "transposed": self.transposed}

    @classmethod
    def from_config(cls, config):
        """Reads the files of earlier versions too, which say `strides`."""
        renamed = {"strides": "scale"}
        return cls(**{renamed.get(k, k): v for k, v in config.items()})
