"""Runs a network on flat inputs as if its images were an unlimited plane.

A picture of a few pixels may have no interior: the zeros that its convolutions
see reach its middle. So every step runs on its input as if that continued
beyond the border: flat stays flat, and a pattern keeps repeating. The outputs
are those of an image of unlimited size, however small the model's own images
are, cut to their sizes.

Where pictures begin, such as after the reshape of a latent, they are made flat.
Statistics over pixels, as in a normalisation, are taken over all samples, as if
these were one picture of many flat colours.
"""

import dataclasses
import math

import numpy as np
from keras import ops

from tfupsample.inspection.repeating import (
    beginning,
    repeated,
    repeats,
    surrounded,
    tiled,
    without_margins,
)
from tfupsample.inspection.steps import spatial_sizes

# These treat each pixel separately and need no pixels around the picture.
_POINTWISE_ROLES = (
    *("activation", "bias", "pass", "reshape", "frames", "pointwise"),
)
_POINTWISE_TYPES = (
    *("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Average"),
    *("Maximum", "Minimum", "Concatenate", "BatchNormalization", "Dense"),
)
# What these make of a cell says what they make of a picture of such cells.
_CELLWISE_ROLES = (
    *("convolution", "transposed convolution", "sub-pixel convolution"),
    *("resize-convolution", "max pool", "average pool", "shuffle"),
)
_STATISTICS = ("Mean", "Var", "Std", "Moments")
_STATISTICS += ("GlobalAveragePool", "ReduceMean")  # of ONNX
# Of sums of 32 bits, as a share of the largest value of a picture.
_ROUNDING = 2e-6
# Pixels around the picture, one after the other until its pattern repeats: the
# reach of a step may not be known, as that of a filter or of others' layers.
_MARGINS = (4, 16, 64)


@dataclasses.dataclass(frozen=True)
class _Value:
    """The outputs of a step.

    Attributes:
        arrays: One array for each output.
        period: The period of the last image on the way here, in pixels along
            each spatial axis; `None` before the first image.
        sizes: The spatial sizes of that image.
    """

    arrays: list
    period: tuple | None = None
    sizes: tuple = ()


def flat_pictures(network, inputs):
    """Returns the pictures that a network makes of flat inputs, on the plane.

    Any error of a step is raised as it is.

    Args:
        network: A `Network` whose steps can be called.
        inputs: One array for each of its inputs; each image has one colour.

    Returns:
        `(picture, period)` for each of its pictures: an array, channels last,
        and the pixels along each spatial axis after which it repeats.
    """
    ranks = {len(s.strides) + 2 for s in network.steps if s.strides}
    ranks |= {len(s.shape) for s in network.pictures}
    values = {}
    for step, x in zip(network.inputs, inputs):
        image = _is_image(step, ranks)
        sizes = spatial_sizes(step.shape, step.channel_axis)
        values[step] = _Value([x], *((1,) * len(sizes), sizes) * image)
    needed = _needed(network)
    last_use = {s: each for each in needed for s in each.sources}
    for step in needed:
        if step not in values:
            sources = [values[s] for s in step.sources]
            values[step] = _value(step, sources, ranks)
        # Large networks fill the memory if everything is kept.
        for source in {*step.sources}.difference(network.pictures):
            if last_use[source] is step:
                del values[source]
    return [
        (
            np.moveaxis(values[step].arrays[0], step.channel_axis, -1),
            values[step].period,
        )
        for step in network.pictures
    ]


def _needed(network):
    """Returns the steps on the way to a picture, in the order of computing."""
    needed = set(network.pictures)
    for step in reversed(network.steps):
        if step in needed:
            needed.update(step.sources)
    return [step for step in network.steps if step in needed]


def _is_image(step, ranks):
    """Returns whether a step makes images of more than one pixel."""
    sizes = spatial_sizes(step.shape, step.channel_axis)
    return len(step.shape) in ranks and any(n != 1 for n in sizes)


def _value(step, sources, ranks):
    given = [v.arrays[i] for v, i in zip(sources, step.outputs)]
    seen = [v for v in sources if v.period is not None]
    if not _is_image(step, ranks):
        arrays = _run_as_one(step, given) or _run(step, given)
        return dataclasses.replace((seen or [_Value([])])[0], arrays=arrays)
    axis = step.channel_axis
    pointwise = step.role in _POINTWISE_ROLES or step.type in _POINTWISE_TYPES
    pointwise &= not _pads(step, seen)
    arrays = _run_as_one(step, given)
    if arrays is None and not pointwise and len(sources) == len(seen) == 1:
        arrays = _run_on_plane(step, given[0], seen[0])
    healed = arrays is not None or (pointwise and seen)
    arrays = arrays or _run(step, given)
    sizes = spatial_sizes(arrays[0].shape, axis)
    periods = _possible_periods(step, seen, sizes)
    if not healed:
        arrays = [repeated(x, periods, axis) for x in arrays]
    period = _period(step, periods, arrays[0])
    if period is None and not any(_is_image(s, ranks) for s in step.sources):
        # A picture of its own, as a decoder begins behind an encoder.
        period = (1,) * len(sizes)
        arrays = [repeated(x, [period], axis) for x in arrays]
    if period is None:
        raise ValueError(f"{step.path} makes images that do not repeat.")
    return _Value([_without_rounding(y, axis) for y in arrays], period, sizes)


def _without_rounding(x, axis):
    """Returns a picture that is flat but for rounding as a flat one.

    Statistics of each picture, in a layer of others, would make a pattern of
    what is left.
    """
    spatial = tuple(i for i in range(1, x.ndim) if i != axis % x.ndim)
    mean = x.mean(axis=spatial, keepdims=True, dtype="float64")
    if np.abs(x - mean).max() > _ROUNDING * np.abs(x).max():
        return x
    return np.broadcast_to(mean, x.shape).astype(x.dtype)


def _pads(step, seen):
    """Returns whether a step continues images: on the plane, as they are."""
    if step.role != "pass" or len(seen) != 1:
        return False
    after = spatial_sizes(step.shape, step.channel_axis)
    return any(m and m > n for n, m in zip(seen[0].sizes, after))


def _period(step, periods, picture):
    """Returns the first of some periods after which a picture repeats."""
    repeating = (p for p in periods if repeats(picture, p, step.channel_axis))
    return next(repeating, None)


def _run_on_plane(step, x, value):
    """Runs a step on an input that is large enough for the outputs to repeat.

    It returns `None` if the step refuses a larger input.
    """
    for margin in _MARGINS:
        arrays = _run_surrounded(step, x, value, margin)
        if arrays is None:
            return None
        sizes = spatial_sizes(arrays[0].shape, step.channel_axis)
        periods = _possible_periods(step, [value], sizes)
        if _period(step, periods, arrays[0]):
            break
    return arrays


def _run_surrounded(step, x, value, margin):
    """Runs a step on a larger input; returns `None` if it refuses that."""
    axis = step.channel_axis
    before, after = value.sizes, spatial_sizes(step.shape, axis)
    if len(before) != len(after) or None in after or x.ndim != len(after) + 2:
        return None
    rates = [
        _rate(step, i, n, m) for i, (n, m) in enumerate(zip(before, after))
    ]
    units = [math.lcm(p, down) for p, (_, down) in zip(value.period, rates)]
    made = [u * up // down for u, (up, down) in zip(units, rates)]
    spare = _spare_cells(step, zip(before, units), zip(after, made))
    cells = [_cells_around(step, u, margin) for u in units]
    x = beginning(x, [n - k * u for n, k, u in zip(before, spare, units)], axis)
    margins = [k * u for k, u in zip(cells, units)]
    try:
        arrays = _run(step, [surrounded(x, value.period, margins, axis)])
    # For example an operation that was made for one size.
    except Exception:
        return None
    margins = [k * v for k, v in zip(cells, made)]
    arrays = [without_margins(y, margins, axis) for y in arrays]
    sizes = tuple(m - k * v for m, k, v in zip(after, spare, made))
    if any(spatial_sizes(y.shape, axis) != sizes for y in arrays):
        return None
    return [tiled(y, made, after, axis) if any(spare) else y for y in arrays]


def _spare_cells(step, before, after):
    """Returns how many cells a step need not run on, along each axis.

    Args:
        step: The step.
        before: `(pixels, pixels of a cell)` of its input, for each axis.
        after: The same for its output.
    """
    if step.role not in _CELLWISE_ROLES:
        return [0 for _ in before]
    return [
        max(min(n // u, m // v) - 1, 0) for (n, u), (m, v) in zip(before, after)
    ]


def _cells_around(step, pixels, margin):
    """Returns how many cells to add on each side for the reach of a step."""
    reach = max(step.kernel_size, default=0)
    reach *= max(step.dilation, default=1)
    return math.ceil(max(reach, margin) / pixels)


def _rate(step, axis, before, after):
    """Returns `(factor up, factor down)` of a step along a spatial axis."""
    if step.role in ("pass", "zero padding") or before == 1:
        return 1, 1
    if len(step.strides) > axis:
        stride = int(step.strides[axis])
        return (1, stride) if step.factor < 1 else (stride, 1)
    if after % before == 0:
        return after // before, 1
    return (1, before // after) if before % after == 0 else (1, 1)


def _possible_periods(step, seen, sizes):
    """Returns the periods that an output may have, the likeliest first."""
    if step.role == "frames":
        seen = seen[:1]
    ones = [1] * len(sizes)
    likely, same = list(ones), list(ones)
    for value in seen:
        # Frames have one axis fewer than their film.
        periods = [*ones, *value.period][-len(sizes) :]
        before = [*ones, *value.sizes][-len(sizes) :]
        for i, (p, n, m) in enumerate(zip(periods, before, sizes)):
            up, down = _rate(step, i, n, m)
            p = 1 if n == 1 else p
            likely[i] = math.lcm(likely[i], math.lcm(p, down) // down * up)
            same[i] = math.lcm(same[i], p)
    return list(dict.fromkeys([tuple(likely), tuple(same)]))


def _run(step, given):
    return [ops.convert_to_numpy(y) for y in step.call(*given)]


def _run_as_one(step, given):
    """Runs a step that takes statistics on all samples as one picture.

    It returns `None` for other steps, and if the step refuses such a picture.
    """
    statistics = step.type in _STATISTICS and step.sources[0].spatial
    # Layers of others, such as an InstanceNormalization, say so by their name.
    normalises = step.role == "normalisation" or "Norm" in step.type
    if not (statistics or normalises) or step.type == "BatchNormalization":
        return None
    x, count = given[0], len(given[0])
    first = 2 if step.channel_axis == 1 else 1
    joined = np.concatenate(np.split(x, count), axis=first)
    # What a normalisation takes beside its images, such as styles.
    beside = [a[:1] if len(a) == count else a for a in given[1:]]
    try:
        (y,) = _run(step, [joined, *beside])
    # For example weights for each pixel, or statistics over other axes.
    except Exception:
        return None
    if statistics:
        return [np.repeat(y, count, axis=0)] if len(y) == 1 else None
    return [np.concatenate(np.split(y, count, axis=first))]
