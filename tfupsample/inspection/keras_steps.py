"""Calls of Keras layers and operations, as `Step`s."""

import functools
import math

from keras import layers

from tfupsample.inspection.call import channels_last
from tfupsample.inspection.hidden_shuffle import hidden_shuffle
from tfupsample.inspection.own_layers import OWN_LAYERS
from tfupsample.inspection.steps import (
    Step,
    factor_of_shapes,
    spatial_sizes,
)
from tfupsample.inspection.stock_layers import OPERATIONS, STOCK_LAYERS


def description_of(operation):
    """Returns the function that describes an operation; `None` if unknown."""
    for classes, describe in (OWN_LAYERS | STOCK_LAYERS).items():
        if isinstance(operation, classes):
            return describe
    if isinstance(operation, layers.Layer):
        return None
    return OPERATIONS.get(type(operation).__name__)


def step_of(operation, path, sources, shape, call=None):
    """Returns the `Step` of one call.

    Args:
        operation: A layer or an operation of `keras.ops`.
        path: Its path.
        sources: `(step, index)` of each of its inputs: which output of which
            step.
        shape: Of its output, batch included; empty where unknown.
        call: From the operation and one array for each source to the list of
            its outputs; `None` if it cannot be called.
    """
    describe = description_of(operation)
    fields = describe(operation) if describe else {}
    before = _image_of(sources)
    axis = _channel_axis(operation, before, shape)
    if not describe and before and call:
        fields = hidden_shuffle(operation, before.shape, shape, axis)
    if "factor" not in fields and before and _moves_pixels(fields):
        fields["factor"] = factor_of_shapes(
            spatial_sizes(before.shape, before.channel_axis),
            spatial_sizes(shape, axis),
            len(before.shape) - 2,
        )
    return Step(
        path,
        type(operation).__name__,
        sources=tuple(step for step, _ in sources),
        outputs=tuple(index for _, index in sources),
        spatial=len(shape) != 2,
        shape=shape,
        channel_axis=axis,
        layer=operation,
        call=call and functools.partial(call, channels_last(operation)),
        **fields,
    )


def _image_of(sources):
    """The largest image that a step takes, the first of equals, or `None`."""
    images = [step for step, _ in sources if step.spatial]
    return max(
        images,
        key=lambda s: math.prod(n or 1 for n in s.shape[1:]),
        default=None,
    )


def _channel_axis(operation, before, shape):
    """Where an output has its channels: 1 or -1."""
    named = getattr(operation, "data_format", None)
    if named is not None:
        return 1 if named == "channels_first" else -1
    if before is None or len(shape) < 4:
        return -1 if before is None else before.channel_axis
    axes = getattr(operation, "axes", None)
    if isinstance(operation, layers.Permute):
        axes = (0, *operation.dims)
    rank = len(shape)
    turned = {
        (0, *range(2, rank), 1): -1,
        (0, rank - 1, *range(1, rank - 1)): 1,
    }
    axis = turned.get(tuple(axes) if isinstance(axes, (list, tuple)) else None)
    if axis and before.role == "input":
        # Nothing else says how the images come in.
        before.channel_axis = -axis
    return axis or before.channel_axis


def _moves_pixels(fields):
    return fields.get("role", "other") in ("other", "resize", "reshape")
