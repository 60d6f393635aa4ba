"""Axes and slices as TensorFlow's operations give them."""

import numpy as np


def axes_of(values):
    """Returns axes as a tuple."""
    return tuple(int(axis) for axis in np.ravel(values))


def slices_of(node, window):
    """Returns the index of a `Slice` or `StridedSlice`.

    Args:
        node: The node.
        window: Values of its inputs after the first.
    """
    if node.op == "Slice":
        begin, size = (np.ravel(v).tolist() for v in window)
        return tuple(
            slice(b, None if n < 0 else b + n) for b, n in zip(begin, size)
        )
    return tuple(
        _entry(node, i, *bounds)
        for i, bounds in enumerate(zip(*(np.ravel(v).tolist() for v in window)))
    )


def _entry(node, i, begin, end, stride):
    def has(mask):
        return node.attr[mask].i >> i & 1

    if has("ellipsis_mask"):
        return Ellipsis
    if has("new_axis_mask"):
        return None
    if has("shrink_axis_mask"):
        return begin
    return slice(
        None if has("begin_mask") else begin,
        None if has("end_mask") else end,
        stride,
    )
