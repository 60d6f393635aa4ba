"""A network as steps, whatever it was read from, and scales between them."""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass(eq=False)
class Step:
    """One call of one layer or operation.

    Attributes:
        path: Where it is, such as `"decoder/up_2"`.
        type: The name of its class.
        role: `"transposed convolution"`, `"convolution"`, `"shuffle"`,
            `"resize"`, `"max pool"`, `"average pool"`, `"zero padding"`,
            `"normalisation"`, `"activation"`, `"bias"`, `"pass"` or `"other"`.
        sources: The steps whose outputs it takes.
        spatial: Whether its output has spatial axes.
        factor: Output pixels for each input pixel, along an axis.
        kernel_size: Taps along each axis; empty where there is no kernel.
        strides: Factor up or down along each axis; empty where there is none.
        kernel: Its values where they are known: of a transposed convolution
            `(*kernel_size, filters, in_channels)`, else
            `(*kernel_size, in_channels, filters)`.
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
    spatial: bool = True
    factor: float = 1.0
    kernel_size: tuple = ()
    strides: tuple = ()
    kernel: np.ndarray | None = None
    bias: np.ndarray | None = None
    gain: np.ndarray | None = None
    border: int = 0
    activation: str = ""
    icnr: bool = False


@dataclasses.dataclass(frozen=True)
class Network:
    """Steps in the order of computing.

    Attributes:
        steps: All of them, each after its sources.
        inputs: The steps that are images given to the model.
        pictures: The steps whose outputs are images that the model returns.
    """

    steps: list
    inputs: list
    pictures: list


def scale_to_pictures(network):
    """Returns for each step the output pixels that one of its pixels becomes.

    Only steps from which spatial axes lead to a picture are there; over several
    paths it is the largest.
    """
    scale = dict.fromkeys(network.pictures, 1.0)
    for step in reversed(network.steps):
        if step not in scale or not step.spatial:
            continue
        for source in step.sources:
            if source.spatial:
                here = scale[step] * step.factor
                scale[source] = max(scale.get(source, 0), here)
    return scale


def scale_from_inputs(network):
    """Returns for each step the input pixels that one of its pixels spans."""
    scale = dict.fromkeys(network.inputs, 1.0)
    for step in network.steps:
        reached = [scale[s] for s in step.sources if s in scale]
        if reached and step.spatial:
            scale[step] = max(reached) / step.factor
    return scale


def factor_of_shapes(before, after, axes):
    """Returns pixels after for each pixel before, along an axis.

    Args:
        before: Spatial sizes.
        after: Spatial sizes; there may be more of them than `axes`, as in the
            middle of a repetition.
        axes: Spatial axes of the images.

    Returns:
        1 unless the number of pixels grows or shrinks by a whole factor:
        padding and cropping do not resize.
    """
    before, after = np.prod(before), np.prod(after)
    if not before or not after:
        return 1.0
    ratio = max(before, after) / min(before, after)
    if ratio != round(ratio):
        return 1.0
    return float((ratio if after > before else 1 / ratio) ** (1 / axes))


def zeros_seen(kernel_size, strides, dilation=(1,)):
    """Pixels of a padded convolution's output that see zeros, on each side."""
    widths = []
    for k, s, d in _axes(kernel_size, strides, dilation):
        padded = max((k - 1) * d + 1 - s, 0)  # before and after together
        widths.append(_halved_up(padded / s))
    return max(widths)


def zeros_seen_transposed(kernel_size, strides, padding):
    """The same for a transposed convolution, whose zeros nobody writes."""
    reach = [max(k - s, 0) for k, s in zip(kernel_size, strides)]
    return max(reach) if padding == "valid" else _halved_up(max(reach))


def _halved_up(number):
    return math.ceil(number / 2)


def _axes(kernel_size, *others):
    rank = len(kernel_size)
    return zip(kernel_size, *(o * rank if len(o) == 1 else o for o in others))
