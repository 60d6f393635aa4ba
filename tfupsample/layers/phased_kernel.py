"""What initializers, constraints and regularizers of phases share."""

import functools
from collections.abc import Sequence

from tfupsample.arguments import boolean, one_or_per_axis, scale_factor


def takes_strides(initialise):
    """Lets a constructor take `scale` by its former name, `strides`, too.

    Code and files of version 0.1 say `strides`; a public name leaves only after
    a release of deprecation.
    """

    @functools.wraps(initialise)
    def renaming(self, *args, strides=None, **kwargs):
        if strides is not None:
            kwargs["scale"] = strides
        initialise(self, *args, **kwargs)

    return renaming


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
