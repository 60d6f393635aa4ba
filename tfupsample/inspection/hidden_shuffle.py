"""Recognises a depth-to-space under another name."""

import itertools
import math

import numpy as np
from keras import ops

from tfupsample.inspection.steps import spatial_sizes
from tfupsample.ops.phase_form import depth_to_space


def hidden_shuffle(operation, before, after, axis):
    """Returns the fields of a `Step` that shuffles; none if it does not.

    The operation is tried on noise of the size that it was made for.

    Args:
        operation: A layer or operation that takes one array.
        before: The shape of its input.
        after: The shape of its output.
        axis: The channel axis of both, 1 or -1.
    """
    for strides in possible_strides(before, after, axis):
        noise = np.random.default_rng(0).normal(size=before).astype("float32")
        try:
            found = ops.convert_to_numpy(operation(noise))
        # An operation of another kind may refuse the trial in any way.
        except Exception:
            return {}
        expected = depth_to_space(np.moveaxis(noise, axis, -1), strides)
        expected = np.moveaxis(ops.convert_to_numpy(expected), -1, axis)
        if np.array_equal(expected, found):
            factor = max(strides)
            return {"role": "shuffle", "strides": strides, "factor": factor}
    return {}


def possible_strides(before, after, axis):
    """Returns the strides that would explain the change of shape."""
    known = None not in (*before, *after) and len(before) == len(after) > 2
    if not known or not after[axis] or before[axis] % after[axis]:
        return
    phases = before[axis] // after[axis]
    sizes = [spatial_sizes(shape, axis) for shape in (before, after)]
    options = [range(1, phases + 1)] * len(sizes[0])
    for strides in itertools.product(*options):
        grown = tuple(n * s for n, s in zip(sizes[0], strides))
        if math.prod(strides) == phases > 1 and grown == sizes[1]:
            yield strides
