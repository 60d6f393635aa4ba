"""Convolutions of enlarged maps as nodes at low resolution."""

import dataclasses
import math

import numpy as np
from onnx import helper

from tfupsample.fuse.convolutions import MOST_ARITHMETIC, axis_plan
from tfupsample.fuse.enlarged import NotFused
from tfupsample.inspection.onnx.windows import attributes_of, zeros_around
from tfupsample.ops.phase_form import phase_kernel, phase_plan

_PAD_MODES = {"edge": "edge", "circular": "wrap"}  # of nodes, without zeros
_WRAPPING = 19  # the first opset that has it


@dataclasses.dataclass(frozen=True)
class Enlarging:
    """What happens to a map before a convolution.

    Attributes:
        low: The name of the map at low resolution.
        scale: The scale of each spatial axis.
        interpolation: `"nearest"` or `"bilinear"`.
        widths: Pixels `(before, after)` that are added to each of them.
        mode: How, if any are.
    """

    low: str
    scale: tuple
    interpolation: str
    widths: tuple
    mode: str = "constant"


def fused(graph, node, enlarging):
    """Returns the nodes that do the same at low resolution.

    Args:
        graph: A `Graph`.
        node: A `Conv`.
        enlarging: The `Enlarging` of what it takes.

    Returns:
        `(nodes, arrays, ratio)`: the nodes and the arrays that they need, for
        `onnx_edit.replace_nodes`, and multiply-adds over those before.

    Raises:
        NotFused: if there is no exact form, or it would be no faster.
    """
    kernel, bias = _weights(graph, node)
    scale, interpolation = enlarging.scale, enlarging.interpolation
    if len(scale) != 2 or len(set(scale)) > 1:
        raise NotFused("only two axes of one scale can be fused")
    sizes = kernel.shape[2:]
    widths, modes = _padding(node, sizes, enlarging)
    plans = [phase_plan(k, s, interpolation) for k, s in zip(sizes, scale)]
    ratio = math.prod(plan.taps for plan in plans) / math.prod(sizes)
    if ratio > MOST_ARITHMETIC[interpolation]:
        raise NotFused(
            f"with {ratio:.3g} times the arithmetic it would be no faster"
        )
    linear = interpolation == "bilinear"  # it looks beyond the border itself
    borders = [
        _border(plan, axis_plan(k, s, interpolation, w, mode), linear or any(w))
        for plan, k, s, w, mode in zip(plans, sizes, scale, widths, modes)
    ]
    _check_wrapping(graph, borders)
    making = _Making(node)
    making.pad(enlarging.low, borders)
    making.convolve(*_phases(kernel, bias, plans), borders)
    making.enlarge(scale[0], [crop for _, _, crop in borders])
    return making.nodes, making.arrays, ratio


def _weights(graph, node):
    """Returns the kernel and the bias, or `None`, of a convolution."""
    attributes = attributes_of(node)
    for reason, holds in {
        "it has groups": attributes.get("group", 1) > 1,
        "it has strides": max(attributes.get("strides", [1])) > 1,
        "it is dilated": max(attributes.get("dilations", [1])) > 1,
    }.items():
        if holds:
            raise NotFused(reason)
    found = [graph.values.get(name) for name in node.input[1:] if name]
    if any(value is None for value in found):
        raise NotFused("its weights are no constants")
    return found[0], found[1] if len(found) > 1 else None


def _padding(node, sizes, enlarging):
    """Returns widths and modes of all that is added to the enlarged map."""
    own = zeros_around(node, sizes)
    before = enlarging.widths
    if not any(map(any, own)):
        return before, [enlarging.mode] * len(sizes)
    if any(map(any, before)) and enlarging.mode != "constant":
        raise NotFused("what it is given is padded in two ways")
    widths = [(a + c, b + d) for (a, b), (c, d) in zip(before, own)]
    return widths, ["constant"] * len(sizes)


def _border(plan, around, seen):
    """Returns `(mode, pad, crop)` of one axis, without cells that are cropped.

    Args:
        plan: The `PhasePlan`.
        around: The `AxisPlan`.
        seen: Whether the values beyond the border matter.
    """
    found = []
    for side in range(2):
        pad = around.pad[side] + plan.pad[side]
        crop = around.crop[side] + plan.crop[side]
        useless = min(pad, crop // plan.scale)
        found.append((pad - useless, crop - useless * plan.scale))
    mode = around.mode if seen else "constant"
    return (mode, *zip(*found))


def _check_wrapping(graph, borders):
    opsets = {o.domain: o.version for o in graph.model.opset_import}
    if opsets[""] < _WRAPPING and "circular" in [
        mode for mode, _, _ in borders
    ]:
        raise NotFused(f"wrapping needs opset {_WRAPPING}")


def _phases(kernel, bias, plans):
    """Returns kernel and bias of the convolution that makes all phases."""
    phases = math.prod(plan.scale for plan in plans)
    moved = np.moveaxis(kernel.astype("float32"), (1, 0), (-2, -1))
    small = np.moveaxis(
        np.asarray(phase_kernel(moved, plans)), (-2, -1), (1, 0)
    )
    small = np.ascontiguousarray(small, kernel.dtype)
    return small, None if bias is None else np.tile(bias, phases)


class _Making:
    """Collects nodes; names follow that of the output, which is unique."""

    def __init__(self, node):
        self._node, self._output = node, node.output[0]
        self.nodes, self.arrays = [], {}

    def pad(self, name, borders):
        """Pads along the axes whose border is not of zeros."""
        self._last = name
        for mode, made in _PAD_MODES.items():
            pads = [pad if m == mode else (0, 0) for m, pad, _ in borders]
            if any(map(any, pads)):
                (before, after) = zip(*[(0, 0), (0, 0), *pads])
                self._add("Pad", [np.array(before + after)], mode=made)

    def convolve(self, kernel, bias, borders):
        pads = [pad if m == "constant" else (0, 0) for m, pad, _ in borders]
        (before, after) = zip(*pads)
        weights = [kernel] if bias is None else [kernel, bias]
        self._add("Conv", weights, pads=before + after)

    def enlarge(self, scale, crops):
        self._add("DepthToSpace", [], blocksize=scale, mode="DCR")
        if any(map(any, crops)):
            starts = np.array([start for start, _ in crops])
            ends = [-end or np.iinfo("int64").max for _, end in crops]
            axes = np.arange(2, 2 + len(crops))
            self._add("Slice", [starts, np.array(ends), axes])
        self.nodes[-1].output[0] = self._output

    def _add(self, kind, arrays, **attributes):
        base = f"{self._output}/fused_{kind}_{len(self.nodes)}"
        names = [f"{base}_{i}" for i in range(len(arrays))]
        self.arrays |= zip(names, arrays)
        self.nodes.append(
            helper.make_node(
                kind, [self._last, *names], [base], name=base, **attributes
            )
        )
        self._last = base
