"""Nodes that do what others do without the pattern, in closed form."""

import dataclasses

import numpy as np
from onnx import helper

from tfupsample.errors import UnusableInput
from tfupsample.inspection.onnx.windows import attributes_of, zeros_around
from tfupsample.repair.composite_kernel import (
    composite_kernel,
    least_squares_taps,
)

_MODES = {"edge": "edge", "reflect": "reflect", "circular": "wrap"}
_RESIZES = {
    "nearest": {"mode": "nearest"},
    "bilinear": {"mode": "linear"},
    "bicubic": {"mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1},
}


@dataclasses.dataclass(frozen=True)
class Instead:
    """What takes the place of a node.

    Attributes:
        nodes: The nodes; the last one has its output.
        arrays: `{name: array}` of what they need.
        moved: The relative L2 distance of the kernels.
    """

    nodes: list
    arrays: dict
    moved: float = 0.0


@dataclasses.dataclass(frozen=True)
class _ResizeConvolution:
    """What `composite_kernel` looks at."""

    kernel: np.ndarray
    scale: tuple
    interpolation: str

    @property
    def kernel_size(self):
        return self.kernel.shape[:-2]


def balanced_node(graph, node, nearest):
    """Returns `Instead` of a `ConvTranspose`: the same with another kernel.

    Args:
        graph: A `Graph`.
        node: One of its nodes.
        nearest: As for `tfupsample.repair.methods.balance`.

    Raises:
        UnusableInput: if its kernel is no constant, or smaller than its stride.
    """
    kernel, attributes = _transposed_kernel(graph, node)
    try:
        new = np.asarray(nearest(kernel, attributes["strides"], True))
    except ValueError as error:
        raise UnusableInput(f"{_name(node)}: {error}") from error
    same = type(node)()
    same.CopyFrom(node)
    same.input[1] = f"{node.output[0]}/balanced"
    stored = np.moveaxis(new, (-2, -1), (1, 0)).astype(_dtype(graph, node))
    return Instead([same], {same.input[1]: stored}, _distance(new, kernel))


def resized_node(graph, node, interpolation, pad_mode):
    """Returns `Instead` of a `ConvTranspose`: a `Resize` and a `Conv`.

    The kernel is the one of `tfupsample.repair.surgery.nearest_resize_conv`.

    Args:
        graph: A `Graph`.
        node: One of its nodes.
        interpolation: `"nearest"`, `"bilinear"` or `"bicubic"`.
        pad_mode: The padding of the convolution; zeros if `None`.

    Raises:
        UnusableInput: if no such convolution has the size of its output.
    """
    kernel, attributes = _transposed_kernel(graph, node)
    strides = attributes["strides"]
    if attributes.get("group", 1) > 1:
        raise _irreplaceable(node, "has groups")
    fitted = kernel
    for axis, stride in enumerate(strides):
        fit = least_squares_taps(kernel.shape[axis], stride, interpolation)
        fitted = np.moveaxis(np.tensordot(fit, fitted, (1, axis)), 0, axis)
    new = _ResizeConvolution(
        np.swapaxes(fitted, -2, -1), tuple(strides), interpolation
    )
    widths = _widths(node, attributes, kernel.shape, new.kernel_size)
    making = _Making(node)
    making.add(
        "Resize",
        ["", np.array([1, 1, *strides], "float32")],
        coordinate_transformation_mode="half_pixel",
        **_RESIZES[interpolation],
    )
    pads = making.pad(graph, widths, pad_mode or "constant")
    stored = np.moveaxis(fitted, -2, 0)  # filters first
    stored = np.moveaxis(stored, -1, 1).astype(_dtype(graph, node))
    making.add("Conv", [stored, *node.input[2:]], pads=pads)
    composite = composite_kernel(new, kernel.shape[:-2])
    return making.done(_distance(composite, kernel))


def padded_node(graph, node, pad_mode):
    """Returns `Instead` of a `Conv`: a `Pad` of another mode before it.

    Args:
        graph: A `Graph`.
        node: One of its nodes, with zeros of its own.
        pad_mode: One of `PAD_MODES`.

    Raises:
        UnusableInput: if ONNX has no such padding.
    """
    making = _Making(node)
    widths = zeros_around(node, graph.shape(node.input[1])[2:])
    making.pad(graph, widths, pad_mode)
    same = type(node)()
    same.CopyFrom(node)
    kept = [a for a in node.attribute if a.name not in ("pads", "auto_pad")]
    del same.attribute[:]
    same.attribute.extend(kept)
    same.input[0] = making.last
    making.nodes.append(same)
    return making.done()


def _transposed_kernel(graph, node):
    """Returns `(kernel, attributes)`, `(*kernel_size, filters, channels)`."""
    kernel, attributes = graph.values.get(node.input[1]), attributes_of(node)
    if kernel is None:
        raise _irreplaceable(node, "has a kernel that is no constant")
    if max(attributes.get("dilations", [1])) > 1:
        raise _irreplaceable(node, "is dilated")
    return np.moveaxis(kernel.astype("float32"), (1, 0), (-2, -1)), attributes


def _widths(node, attributes, sizes, taps):
    """Returns the zeros around an enlarged map, for the size of the output."""
    rank = len(taps)
    automatic = attributes.get("auto_pad", b"NOTSET")
    if "output_shape" in attributes or automatic.startswith(b"SAME"):
        raise _irreplaceable(node, "is told the size of its output")
    pads = attributes.get("pads") or [0] * 2 * rank
    extra = attributes.get("output_padding") or [0] * rank
    widths = []
    for k, s, n, begin, end, more in zip(
        sizes, attributes["strides"], taps, pads, pads[rank:], extra
    ):
        before = (n - 1) // 2 + (k - s) // 2 - begin
        widths.append((before, k - s + more - begin - end - before + n - 1))
    if min(map(min, widths)) < 0:
        raise _irreplaceable(node, "crops its output")
    return widths


def _irreplaceable(node, reason):
    return UnusableInput(f"{_name(node)} {reason}; it cannot be repaired so.")


def _distance(new, old):
    return float(np.linalg.norm(new - old) / (np.linalg.norm(old) or 1.0))


def _dtype(graph, node):
    return graph.values[node.input[1]].dtype


def _name(node):
    return node.name or node.output[0]


class _Making:
    """Collects nodes; names follow that of the output, which is unique."""

    def __init__(self, node):
        self._output, self.last = node.output[0], node.input[0]
        self.nodes, self._arrays = [], {}

    def add(self, kind, given, **attributes):
        """Adds a node that takes the last one, and names or arrays."""
        base = f"{self._output}/repaired_{kind}"
        names = []
        for i, one in enumerate(given):
            stored = isinstance(one, np.ndarray)
            names.append(f"{base}_{i}" if stored else one)
            self._arrays |= {names[-1]: one} if stored else {}
        self.nodes.append(
            helper.make_node(
                kind, [self.last, *names], [base], name=base, **attributes
            )
        )
        self.last = base

    def pad(self, graph, widths, mode):
        """Adds a `Pad`, if need be; returns the `pads` of a convolution."""
        before, after = zip(*widths)
        if mode == "constant":
            return before + after
        if mode == "symmetric" and max(before + after) <= 1:
            mode = "edge"  # the same for one pixel
        if mode not in _MODES:
            raise UnusableInput(
                f"{self._output}: ONNX has no {mode!r} padding of several "
                f"pixels, but {', '.join(_MODES)}."
            )
        pads = np.array((0, 0, *before, 0, 0, *after))
        self.add("Pad", [pads], mode=_MODES[mode])
        return [0] * len(before + after)

    def done(self, moved=0.0):
        """Returns the `Instead`."""
        self.nodes[-1].output[0] = self._output
        return Instead(self.nodes, self._arrays, moved)
