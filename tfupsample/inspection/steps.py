"""A network as a list of steps, whatever it was read from, and its scales."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np


@dataclasses.dataclass(eq=False)
class Step:
    """One call of one layer or operation.

    Attributes:
        path: The place of the layer, such as `"decoder/up_2"`.
        type: The name of its class or operation.
        role: `"transposed convolution"`, `"convolution"`, `"shuffle"`,
            `"resize"`, `"max pool"`, `"average pool"`, `"zero padding"`,
            `"normalisation"`, `"activation"`, `"bias"`, `"pass"`, `"reshape"`,
            `"frames"`, `"pointwise"`, `"input"`, `"not read"` or `"other"`.
        sources: The steps whose outputs it takes.
        outputs: Which output of each source it takes.
        spatial: Whether its output has spatial axes.
        shape: The shape of its first output, with the batch; empty if unknown.
        channel_axis: The channel axis of its output, 1 or -1.
        layer: The layer or operation that is called; `None` in graphs.
        call: A function from one array for each source to the list of its
            outputs; `None` if it cannot be computed.
        factor: Output pixels for each input pixel, along an axis.
        kernel_size: Taps along each axis; empty if there is no kernel.
        strides: Factor up or down along each axis; empty if there is none.
        dilation: Pixels from tap to tap along each axis; empty if 1.
        phases_last: Whether a shuffle takes the phases of one filter from
            channels side by side, rather than the filters of one phase.
        kernel: Its kernel, if known, as an array or a variable that is read
            when needed: of a transposed convolution `(*kernel_size, filters,
            in_channels)`, else `(*kernel_size, in_channels, filters)`.
        bias: One value for each filter, or `None`.
        gain: Factor that a normalisation has for each channel, or `None`.
        border: Pixels of the step's own output, on each side, that depend on
            zeros beyond the border.
        activation: Name of the activation that ends the step, or `""`.
        icnr: Whether the kernel started with `ICNR` or `Balanced`.
    """

    path: str
    type: str
    role: str = "other"
    sources: tuple = ()
    outputs: tuple = ()
    spatial: bool = True
    shape: tuple = ()
    channel_axis: int = -1
    layer: Any = None
    call: Callable | None = None
    factor: float = 1.0
    kernel_size: tuple = ()
    strides: tuple = ()
    dilation: tuple = ()
    phases_last: bool = False
    kernel: Any = None
    bias: np.ndarray | None = None
    gain: np.ndarray | None = None
    border: int = 0
    activation: str = ""
    icnr: bool = False


@dataclasses.dataclass(frozen=True)
class Network:
    """Steps in the order of computation.

    Attributes:
        steps: All of them, each after its sources.
        inputs: The steps that are given to the model, in its own order.
        pictures: The steps whose outputs are images that the model returns.
        dtypes: The dtype of each input, in their order; empty where unknown.
        model: The whole model, which can be run; `None` for a single layer and
            for a graph.
    """

    steps: list
    inputs: list
    pictures: list
    dtypes: tuple = ()
    model: Any = None

    @property
    def images(self):
        """Returns the inputs that are images."""
        return [step for step in self.inputs if step.spatial]


def scale_to_pictures(network):
    """Returns for each step how many output pixels one of its pixels becomes.

    Only steps that lead to a picture along spatial axes are included; if
    several paths do, the largest number counts.
    """
    scale = dict.fromkeys(network.pictures, 1.0)
    for step in reversed(network.steps):
        if step not in scale or not step.spatial:
            continue
        for source in step.sources:
            if source.spatial:
                here = scale[step] * _factor_from(source, step)
                scale[source] = max(scale.get(source, 0), here)
    return scale


def scale_from_inputs(network):
    """Returns for each step how many input pixels one of its pixels spans."""
    scale = dict.fromkeys(network.images, 1.0)
    for step in network.steps:
        reached = [
            scale[s] / _factor_from(s, step) for s in step.sources if s in scale
        ]
        if reached and step.spatial:
            scale[step] = max(reached)
    return scale


def _factor_from(source, step):
    """Pixels of a step for each pixel of one of its sources, along an axis.

    The sources of an attention or of a gate may differ in size.
    """
    images = [s for s in step.sources if s.spatial]
    mixes = step.role in ("other", "pointwise")
    if not mixes or len(images) < 2 or not source.shape:
        return step.factor
    return factor_of_shapes(
        spatial_sizes(source.shape, source.channel_axis),
        spatial_sizes(step.shape, step.channel_axis),
        len(source.shape) - 2,
    )


def pattern_period(step, to_pictures):
    """Returns the period of a step's pattern in output pixels.

    It is `None` if the step does not upsample, does not reach a picture, or
    starts from a single pixel, where nothing repeats.

    Args:
        step: A `Step`.
        to_pictures: The result of `scale_to_pictures`.
    """
    # A fractional factor is half of a step, such as one axis of a resize.
    if step not in to_pictures or step.factor <= 1 or not _whole(step.factor):
        return None
    if step.sources and is_pixel(step.sources[0]):
        return None
    period = round(step.factor * to_pictures[step])
    return period if period > 1 else None


def gradient_period(step, from_inputs):
    """Returns the period of the gradient's pattern in input pixels."""
    if step not in from_inputs or step.factor >= 1:
        return None
    period = round(from_inputs[step])
    return period if period > 1 else None


def spatial_sizes(shape, channel_axis):
    """Returns the spatial part of the shape of a batch."""
    return tuple(shape[2:] if channel_axis == 1 else shape[1:-1])


def is_pixel(step):
    """Returns whether a step's output is a single pixel, as latents may be."""
    sizes = spatial_sizes(step.shape, step.channel_axis)
    return all(size == 1 for size in sizes) if step.shape else False


def factor_of_shapes(before, after, axes):
    """Returns how many pixels each pixel becomes, along an axis.

    Args:
        before: The spatial sizes before.
        after: The spatial sizes after; there may be more of them than `axes`,
            as in the middle of a repetition.
        axes: The spatial axes of the images.

    Returns:
        1 unless the number of pixels grows or shrinks by a whole factor:
        padding and cropping do not resize. It is also 1 if a size is not
        known.
    """
    if None in (*before, *after):
        return 1.0
    before, after = math.prod(before), math.prod(after)
    if not before or not after:
        return 1.0
    ratio = max(before, after) / min(before, after)
    if ratio != round(ratio):
        return 1.0
    return float((ratio if after > before else 1 / ratio) ** (1 / axes))


def zeros_seen(kernel_size, strides, dilation=(1,)):
    """Returns how many output pixels see zeros, on each side."""
    widths = []
    for k, s, d in _axes(kernel_size, strides, dilation):
        padded = max((k - 1) * d + 1 - s, 0)  # before and after together
        widths.append(_halved_up(padded / s))
    return max(widths)


def zeros_seen_transposed(kernel_size, strides, padding):
    """Returns the same for a transposed convolution, with implied zeros."""
    reach = [max(k - s, 0) for k, s in zip(kernel_size, strides)]
    return max(reach) if padding == "valid" else _halved_up(max(reach))


def _whole(factor):
    return abs(factor - round(factor)) < 1e-6


def _halved_up(number):
    return math.ceil(number / 2)


def _axes(kernel_size, *others):
    rank = len(kernel_size)
    return zip(kernel_size, *(o * rank if len(o) == 1 else o for o in others))
