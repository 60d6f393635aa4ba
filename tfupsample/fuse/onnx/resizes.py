"""Which nodes of an ONNX graph resize, which pad, and how."""

import numpy as np
import onnx

from tfupsample.fuse.enlarged import NotFused
from tfupsample.inspection.onnx.windows import attributes_of
from tfupsample.ops.resize import resize

_SIDE = 5  # pixels a side of what a resize is tried on
_OF_ALL_AXES = ("axes", "keep_aspect_ratio_policy")
_MODES = {
    "constant": "constant",
    "edge": "edge",
    "reflect": "reflect",
    "wrap": "circular",
}


def resize_of(graphs, node):
    """Returns how a `Resize` resizes.

    It is tried on a small image, as its attributes are many and the same
    resize has several names.

    Args:
        graphs: The `Graph` for several sizes of the input.
        node: The node.

    Returns:
        `(scale, interpolation)`, the scale for each spatial axis.

    Raises:
        NotFused: if there is no exact form of it at low resolution.
    """
    scales = {_scale(graph, node) for graph in graphs}
    scale = scales.pop()
    if scales or scale is None or max(scale) == 1:
        raise NotFused("its scale is not known to be an integer above 1")
    if scale[:2] != (1, 1):
        raise NotFused("it resizes the channels too")
    scale = scale[2:]
    x = np.random.default_rng(0).normal(size=(1, 1, *[_SIDE] * len(scale)))
    x = x.astype("float32")
    made = _tried(graphs[0], node, scale, x)
    for interpolation in ("nearest", "bilinear"):
        wanted = np.asarray(resize(x[:, 0, ..., None], scale, interpolation))
        if made is not None and np.allclose(
            made[:, 0], wanted[..., 0], 0, 1e-5
        ):
            return scale, interpolation
    kind = attributes_of(node).get("mode", b"nearest").decode()
    raise NotFused(
        f"its {kind} interpolation, with the coordinates that it has, has no "
        "exact form at low resolution"
    )


def _scale(graph, node):
    before, after = graph.shape(node.input[0]), graph.shape(node.output[0])
    if not before or not after or any(m % n for n, m in zip(before, after)):
        return None
    return tuple(m // n for n, m in zip(before, after))


def _tried(graph, node, scale, x):
    """Returns what the same node makes of a small image; `None`: it fails."""
    small = onnx.helper.make_node("Resize", ["x", "roi", "scales"], ["y"])
    small.attribute.extend(
        a for a in node.attribute if a.name not in _OF_ALL_AXES
    )
    constants = {
        "roi": np.zeros(0, "float32"),
        "scales": np.array((1, 1, *scale), "float32"),
    }
    try:
        return graph.runner.session(small, constants)(x)[0]
    # The runtime refuses attributes that do not fit in any way.
    except Exception:
        return None


def padding_of(graphs, node):
    """Returns how a `Pad` pads.

    Args:
        graphs: As for `resize_of`.
        node: The node.

    Returns:
        `(widths, mode)`: pixels `(before, after)` for each spatial axis, and a
        mode of `PAD_MODES`.

    Raises:
        NotFused: if it cannot be taken into a convolution.
    """
    found = {_widths(graph, node) for graph in graphs}
    widths = found.pop()
    if found or widths is None:
        raise NotFused("the widths of its padding are not known")
    mode = attributes_of(node).get("mode", b"constant").decode()
    if mode not in _MODES:
        raise NotFused(f"{mode!r} padding is not known here")
    values = graphs[0].values
    name = (*node.input, "", "")[2]
    if name and np.any(values.get(name, 1)):
        raise NotFused("what is padded with is not known to be 0")
    if any(map(any, widths[:2])):
        raise NotFused("its channels are padded too")
    if min(map(min, widths)) < 0:
        raise NotFused("its padding crops")
    return widths[2:], _MODES[mode]


def _widths(graph, node):
    shape, pads = graph.shape(node.input[0]), graph.values.get(node.input[1])
    if shape is None or pads is None:
        return None
    name = (*node.input, "", "", "")[3]
    axes = graph.values.get(name) if name else range(len(shape))
    if axes is None:
        return None
    widths = [(0, 0)] * len(shape)
    pads = pads.ravel().tolist()
    for axis, begin, end in zip(axes, pads, pads[len(pads) // 2 :]):
        widths[int(axis)] = begin, end
    return tuple(widths)
