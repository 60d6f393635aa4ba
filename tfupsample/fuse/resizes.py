"""Which layers and operations resize, which pad, and how."""

import numpy as np
from keras import layers

from tfupsample.fuse.enlarged import NotFused
from tfupsample.inspection.keras_steps import description_of
from tfupsample.layers.padding_layer import Pad
from tfupsample.layers.resample import BlurUpsample2D
from tfupsample.ops.fir import filter_phases
from tfupsample.ops.phase_form import resize_weights

_EXACT = ("nearest", "bilinear")
_PAD_OPERATION = {
    "constant": "constant",
    "reflect": "reflect",
    "symmetric": "symmetric",
}


def resize_of(call):
    """Returns how a call resizes.

    Args:
        call: A `Call`.

    Returns:
        `(scale, interpolation)`, the scale for each axis, batch and channels
        included; `None` if it does not resize.

    Raises:
        NotFused: if there is no exact form of it at low resolution.
    """
    operation = call.operation
    if type(operation).__name__ == "Repeat":
        return _repeat(operation, len(call.outputs[0].shape))
    describe = description_of(operation)
    if describe is None or describe(operation)["role"] != "resize":
        return None
    if isinstance(operation, BlurUpsample2D):
        return _blur(operation)
    interpolation = getattr(operation, "interpolation", "nearest")
    if interpolation not in _EXACT:
        raise NotFused(
            f"{interpolation} interpolation has no exact form at low resolution"
        )
    if hasattr(operation, "size") and isinstance(operation, layers.Layer):
        size = operation.size
        size = size if isinstance(size, (tuple, list)) else (size,)
        return on_axes(operation, size, 1), interpolation
    return _scale_of_shapes(call), interpolation


def padding_of(call):
    """Returns how a call pads.

    Args:
        call: A `Call`.

    Returns:
        `(widths, modes)`, as an `Enlarged` has them; `None` if it does not
        pad, or not in a mode that this package has.
    """
    operation = call.operation
    if isinstance(operation, Pad):
        return (
            on_axes(operation, operation.padding, (0, 0)),
            on_axes(operation, operation.pad_mode, None),
        )
    name = type(operation).__name__
    if name.startswith("ZeroPadding") and isinstance(operation, layers.Layer):
        widths = operation.padding
        widths = [widths] if name == "ZeroPadding1D" else widths
        widths = on_axes(operation, [tuple(w) for w in widths], (0, 0))
        return widths, ("constant",) * len(widths)
    if name == "Pad" and operation.mode in _PAD_OPERATION:
        return _pad_operation(call)
    return None


def on_axes(operation, values, other):
    """Returns values for the spatial axes, and another for the other two."""
    if getattr(operation, "data_format", None) == "channels_first":
        return (other, other, *values)
    return (other, *values, other)


def _repeat(operation, rank):
    axis, repeats = operation.axis, operation.repeats
    if axis is None or np.ndim(repeats) or axis % rank == 0:
        return None
    scale = [1] * rank
    scale[axis % rank] = int(repeats)
    return tuple(scale), "nearest"


def _blur(layer):
    """A filter whose phases are those of an interpolation."""
    if not {"symmetric", "edge"}.issuperset(layer.pad_mode):
        raise NotFused(f"its border {layer.pad_mode} is that of no resize")
    for interpolation in _EXACT:
        wanted = [resize_weights(s, interpolation) for s in layer.scale]
        found = [filter_phases(layer.taps, s) for s in layer.scale]
        if all(_same(a, b) for a, b in zip(wanted, found)):
            return on_axes(layer, layer.scale, 1), interpolation
    raise NotFused("its filter is neither nearest nor bilinear interpolation")


def _same(a, b):
    return a[0] == b[0] and a[1].shape == b[1].shape and np.allclose(a[1], b[1])


def _scale_of_shapes(call):
    """The scale of a resize that is told the size of its output."""
    operation = call.operation
    for name in ("crop_to_aspect_ratio", "pad_to_aspect_ratio"):
        if getattr(operation, name, False):
            raise NotFused(f"it has {name}")
    before, after = call.inputs[0].shape, call.outputs[0].shape
    spatial = on_axes(operation, [True] * (len(before) - 2), False)
    scale = []
    for inside, n, m in zip(spatial, before, after):
        if inside and (n is None or m is None or m % n):
            raise NotFused("its scale is not known to be an integer")
        scale.append(m // n if inside else 1)
    return tuple(scale)


def _pad_operation(call):
    operation = call.operation
    widths = tuple(tuple(map(int, pair)) for pair in operation.pad_width)
    if len(widths) != len(call.inputs[0].shape):
        return None
    _, kwargs = call.arguments(call.inputs)
    if kwargs.get("constant_values"):
        return None
    return widths, (_PAD_OPERATION[operation.mode],) * len(widths)
