"""The layers of a model that upsample with weights: a question to its steps."""

import dataclasses

import keras

from tfupsample.inspection.keras_graph import networks_of
from tfupsample.inspection.phases import before_shuffle
from tfupsample.inspection.steps import pattern_period, scale_to_pictures


@dataclasses.dataclass(frozen=True)
class Upsampling:
    """A layer whose kernel makes several output phases.

    Attributes:
        path: Names of the enclosing models and of the layer, joined by `/`.
        layer: The layer.
        strides: Upsampling factor of each spatial axis.
        transposed: Whether its kernel is that of a transposed convolution, or
            that before a depth-to-space (`tfupsample.ops.phase_gain`).
        period: The period of the pattern that it can write into the output, in
            pixels; the largest if it is used several times, and `None` if it
            does not reach an output.
        between: The layers between it and the depth-to-space, in order.
    """

    path: str
    layer: keras.Layer
    strides: tuple
    transposed: bool
    period: int | None = None
    between: tuple = ()


def find_upsamplings(model):
    """Returns an `Upsampling` for each layer that could paint a checkerboard.

    These are transposed and sub-pixel convolutions, also inside nested models
    and layers, and convolutions before a depth-to-space (a layer or an
    operation, recognised by trying it) with nothing but activations and
    normalisations between. They are in the order of the calls.

    Args:
        model: A built `keras.Model`, which is left as it was.
    """
    found = {}
    for network in networks_of(model):
        scale = scale_to_pictures(network)
        for step in network.steps:
            upsampling = _upsampling(step, pattern_period(step, scale))
            if upsampling is None:
                continue
            known = found.get(id(upsampling.layer), upsampling)
            coarser = (upsampling.period or 0) > (known.period or 0)
            found[id(known.layer)] = upsampling if coarser else known
    return list(found.values())


def _upsampling(step, period):
    layer, strides = step.layer, tuple(map(int, step.strides))
    if max(strides, default=1) == 1:
        return None
    if step.role in ("transposed convolution", "sub-pixel convolution"):
        transposed = step.role == "transposed convolution"
        return Upsampling(step.path, layer, strides, transposed, period)
    if step.role != "shuffle":
        return None
    convolution, path = before_shuffle(step)
    if convolution is None or convolution.kernel is None:
        return None
    return Upsampling(
        convolution.path,
        convolution.layer,
        strides,
        False,
        period,
        tuple(s.layer for s in path if s is not convolution),
    )
