"""What convolutions and pools of ONNX do, as fields of a `Step`."""

import math

import numpy as np
import onnx

from tfupsample.errors import UnusableInput
from tfupsample.inspection.graph_values import MOST


def attributes_of(node):
    """Returns `{name: value}`."""
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def zeros_around(node, sizes):
    """Returns the pixels `(before, after)` that a `Conv` adds to each axis.

    Args:
        node: The node.
        sizes: Taps of its kernel along each axis.

    Raises:
        ValueError: if it depends on the size of the input.
    """
    attributes = attributes_of(node)
    automatic = attributes.get("auto_pad", b"NOTSET")
    if automatic == b"VALID":
        return [(0, 0)] * len(sizes)
    if automatic == b"NOTSET":
        pads = attributes.get("pads") or [0] * 2 * len(sizes)
        return list(zip(pads, pads[len(sizes) :]))
    if max(attributes.get("strides", [1])) > 1:
        raise ValueError("its padding depends on the size of the input")
    dilations = attributes.get("dilations") or [1] * len(sizes)
    reach = [(k - 1) * d for k, d in zip(sizes, dilations)]
    widths = [(n // 2, n - n // 2) for n in reach]
    return widths if automatic == b"SAME_UPPER" else [w[::-1] for w in widths]


def convolution(graph, node):
    """Describes a `Conv`."""
    window = _Window(graph, node)
    return {
        "role": "convolution",
        "kernel_size": window.taps,
        "strides": window.strides,
        "dilation": window.dilations,
        "factor": 1 / max(window.strides),
        "kernel": _dense(graph.values.get(node.input[1]), window.groups),
        "bias": _bias(graph, node),
        "border": window.zeros_seen(),
    }


def transposed(graph, node):
    """Describes a `ConvTranspose`."""
    window = _Window(graph, node)
    kernel = graph.values.get(node.input[1])
    if kernel is not None:
        # Each filter sees the channels of its own group; the others would add
        # pairs without any gain.
        kernel = np.moveaxis(kernel, (1, 0), (-2, -1)).astype("float32")
    return {
        "role": "transposed convolution",
        "kernel_size": window.taps,
        "strides": window.strides,
        "dilation": window.dilations,
        "factor": max(window.strides),
        "kernel": _spread(kernel, window.dilations),
        "bias": _bias(graph, node),
        "border": window.zeros_seen_transposed(),
    }


def pool(role):
    """Returns a function that describes a pool."""

    def describe(graph, node):
        window = _Window(graph, node)
        return {
            "role": role,
            "kernel_size": window.taps,
            "strides": window.strides,
            "factor": 1 / max(window.strides),
        }

    return describe


class _Window:
    """The window of a convolution or pool along the spatial axes.

    Raises:
        UnusableInput: if it is not known, or not positive.
    """

    def __init__(self, graph, node):
        attributes = attributes_of(node)
        self._before = graph.shape(node.input[0])
        self._after = graph.shape(node.output[0])
        self._attributes = attributes
        self.taps = self._taps(graph, node)
        rank = len(self.taps)
        self.strides = tuple(attributes.get("strides", (1,) * rank))
        self.dilations = tuple(attributes.get("dilations", (1,) * rank))
        self.groups = attributes.get("group", 1)
        numbers = (*self.taps, *self.strides, *self.dilations, self.groups)
        lengths = {rank, len(self.strides), len(self.dilations)}
        if min(numbers) < 1 or len(lengths) > 1:
            raise UnusableInput(
                f"The node {node.name} has no window of positive sizes: "
                f"{self.taps}, {self.strides}, {self.dilations}."
            )

    def _taps(self, graph, node):
        taps = self._attributes.get("kernel_shape")
        if not taps:
            taps = (graph.shape(node.input[1]) or ())[2:]
        if not taps:
            raise UnusableInput(
                f"The kernel of {node.name} has a shape that is not known."
            )
        return tuple(taps)

    def zeros_seen(self):
        """Returns how many output pixels see zeros, on each side."""
        return max(
            math.ceil(max(*pads, 0) / s)
            for pads, s in zip(self._pads(), self.strides)
        )

    def zeros_seen_transposed(self):
        """Returns the same for a transposed convolution, with implied zeros."""
        reach = self._reach()
        more = self._attributes.get("output_padding", (0,) * len(reach))
        return max(
            max(r - s - begin, r - s - end + extra, 0)
            for r, s, (begin, end), extra in zip(
                reach, self.strides, self._pads_transposed(), more
            )
        )

    def _reach(self):
        return [(k - 1) * d + 1 for k, d in zip(self.taps, self.dilations)]

    def _pads(self):
        """Returns `(before, after)` along each axis."""
        if self._automatic():
            together = [
                max(r - s, 0) for r, s in zip(self._reach(), self.strides)
            ]
            return self._shared(together)
        return self._given()

    def _pads_transposed(self):
        """Returns the same: what is cut off the output."""
        declared = self._attributes.get("output_shape")
        if not declared and not self._automatic():
            return self._given()
        if self._before is None or self._after is None:
            return [(0, 0)] * len(self.taps)
        full = [
            (n - 1) * s + r
            for n, s, r in zip(self._before[2:], self.strides, self._reach())
        ]
        return self._shared(
            [max(n - m, 0) for n, m in zip(full, self._after[2:])]
        )

    def _automatic(self):
        automatic = self._attributes.get("auto_pad", b"NOTSET")
        return automatic in (b"SAME_UPPER", b"SAME_LOWER")

    def _shared(self, together):
        return [(n // 2, n - n // 2) for n in together]

    def _given(self):
        rank = len(self.taps)
        pads = self._attributes.get("pads") or (0,) * (2 * rank)
        if self._attributes.get("auto_pad") == b"VALID":
            pads = (0,) * (2 * rank)
        return list(zip(pads[:rank], pads[rank:]))


def _bias(graph, node):
    value = graph.values.get(node.input[2]) if len(node.input) > 2 else None
    return None if value is None else np.asarray(value, "float64")


def _dense(kernel, groups):
    """Returns `(*taps, channels, filters)`, with zeros between groups.

    The result is `None` if it is not known or too large.
    """
    if kernel is None or kernel.size * groups > MOST:
        return None
    filters, channels, *taps = kernel.shape
    dense = np.zeros((filters, channels * groups, *taps), "float32")
    for group in range(groups):
        rows = slice(*(np.array((group, group + 1)) * filters // groups))
        columns = slice(group * channels, (group + 1) * channels)
        dense[rows, columns] = kernel[rows]
    return np.moveaxis(dense, (1, 0), (-2, -1))


def _spread(kernel, dilations):
    """Returns a kernel `(*taps, …)` with the zeros of its dilation."""
    if kernel is None or max(dilations) == 1:
        return kernel
    taps = kernel.shape[: len(dilations)]
    reach = [(k - 1) * d + 1 for k, d in zip(taps, dilations)]
    if math.prod(reach) * kernel.size // math.prod(taps) > MOST:
        return None
    spread = np.zeros((*reach, *kernel.shape[-2:]), "float32")
    spread[tuple(slice(None, None, d) for d in dilations)] = kernel
    return spread
