"""The layers of a model that upsample with weights, and where they stand."""

import contextlib
import dataclasses
import itertools
import math

import keras
import numpy as np
from keras import ops

from tfupsample.errors import UnusableInput
from tfupsample.layers.subpixel_conv import SubpixelConv
from tfupsample.ops import phase_form

TRANSPOSED = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
)
_POINTWISE = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
)


@dataclasses.dataclass(frozen=True)
class Upsampling:
    """A layer whose kernel makes several output phases.

    Attributes:
        path: Names of the enclosing models and of the layer, joined by `/`.
        layer: The layer.
        strides: Upsampling factor of each spatial axis.
        transposed: Whether its kernel is that of a transposed convolution, or
            that before a depth-to-space (`tfupsample.ops.phase_gain`).
    """

    path: str
    layer: keras.Layer
    strides: tuple
    transposed: bool


def walk(model):
    """Yields `(path, layer)` of every layer inside, each layer once."""
    seen = set()

    def inside(layer, prefix):
        for child in layer._flatten_layers(include_self=False, recursive=False):
            if id(child) not in seen:
                seen.add(id(child))
                path = f"{prefix}{child.name}"
                yield path, child
                yield from inside(child, f"{path}/")

    return inside(model, "")


def find_upsamplings(model):
    """Returns an `Upsampling` for each layer that could paint a checkerboard.

    Transposed convolutions and sub-pixel convolutions, also in nested models
    and in layers, and convolutions directly before a depth-to-space (a layer or
    an operation that is one, found by trying it), or with only an activation
    between, in functional and sequential models. In the order of the layers.
    """
    found = []
    shuffled = _before_depth_to_space(model)
    for path, layer in walk(model):
        if isinstance(layer, TRANSPOSED) and max(layer.strides) > 1:
            found.append(Upsampling(path, layer, tuple(layer.strides), True))
        elif isinstance(layer, SubpixelConv) and max(layer.scale) > 1:
            found.append(Upsampling(path, layer, layer.scale, False))
        elif id(layer) in shuffled:
            found.append(Upsampling(path, layer, shuffled[id(layer)], False))
    return found


def periods(model, inputs, upsamplings):
    """Runs the model once and returns the period each upsampling writes.

    A layer whose input has `n` pixels a side, in a model whose output has `m`,
    repeats itself every `m / n` pixels of the output.

    Args:
        model: Any model that can be called.
        inputs: What it takes.
        upsamplings: Of `find_upsamplings(model)`.

    Returns:
        `{path: pixels of the output}`, the larger of the axes, in the order of
        the calls; without layers that were not called or whose pattern the
        model shrinks to less than 2 pixels.
    """
    sizes = {}
    with contextlib.ExitStack() as stack:
        for upsampling in upsamplings:
            stack.enter_context(_recorded(upsampling.layer, sizes))
        shape = model(inputs, training=False).shape
    axis = channel_axis(model)
    final = spatial_sizes(shape, axis)
    paths = {id(u.layer): u.path for u in upsamplings}
    found = {
        paths[key]: round(max(m / n for m, n in zip(final, size)))
        for key, size in sizes.items()
    }
    return {path: period for path, period in found.items() if period > 1}


def named_paths(found, names):
    """Returns the paths that names, or paths, stand for.

    Raises:
        UnusableInput: if one stands for none; the message lists them all.
        ValueError: for anything but names.
    """
    names = names.split(",") if isinstance(names, str) else names
    if not isinstance(names, (list, tuple)) or not names:
        raise ValueError(
            "`layers` must be a name or path, or a sequence of them. "
            f"Received: {names!r}"
        )
    chosen = []
    for name in names:
        fits = [p for p in found if name in (p, p.rsplit("/")[-1])]
        if not fits:
            raise UnusableInput(
                f"There is no layer {name!r} to repair, but {', '.join(found)}."
            )
        chosen += fits
    return list(dict.fromkeys(chosen))


@contextlib.contextmanager
def _recorded(layer, sizes):
    call = layer.call
    axis = channel_axis(layer)

    def recording(inputs, *args, **kwargs):
        sizes.setdefault(id(layer), spatial_sizes(inputs.shape, axis))
        return call(inputs, *args, **kwargs)

    layer.call = recording
    try:
        yield
    finally:
        del layer.call


def channel_axis(layer):
    """Returns 1 or -1: where a layer, or most of a model, has its channels."""
    formats = [getattr(layer, "data_format", None)]
    formats += [getattr(inner, "data_format", None) for _, inner in walk(layer)]
    return 1 if "channels_first" in formats else -1


def spatial_sizes(shape, axis):
    """Returns the spatial part of the shape of a batch."""
    return tuple(shape[2:] if axis == 1 else shape[1:-1])


def _before_depth_to_space(model):
    """`{id(convolution): strides}`, in this model and those inside it."""
    found = {}
    models = [layer for _, layer in walk(model)]
    for graph in [model, *models]:
        # A Sequential keeps its graph in a functional model of its own.
        graph = getattr(graph, "_functional", None) or graph
        for operation in getattr(graph, "operations", ()):
            convolution = _source_convolution(operation)
            if convolution is not None:
                strides = _shuffle(operation, convolution)
                if strides:
                    found[id(convolution)] = strides
    return found


def _source_convolution(operation):
    """The convolution that feeds an operation, at most an activation between.

    `None` where there is none.
    """
    for _ in range(2):
        nodes = operation._inbound_nodes
        parents = nodes[0].parent_nodes if nodes else ()
        if len(parents) != 1:
            return None
        operation = parents[0].operation
        if isinstance(operation, _CONVOLUTIONS):
            return operation
        if not isinstance(operation, _POINTWISE):
            return None
    return None


def _shuffle(operation, convolution):
    """The factors of a depth-to-space, or `None` if it is another operation."""
    if getattr(operation, "weights", ()) or isinstance(operation, _POINTWISE):
        return None
    rank = convolution.rank
    before = operation._inbound_nodes[0].input_tensors[0].shape
    after = operation._inbound_nodes[0].output_tensors[0].shape
    axis = channel_axis(convolution)
    if len(before) != rank + 2 or len(after) != len(before):
        return None
    if not before[axis] or not after[axis] or before[axis] % after[axis]:
        return None
    phases = before[axis] // after[axis]
    small = np.arange(2**rank * before[axis], dtype="float32")
    small = small.reshape(1, *[2] * rank, before[axis])
    try:
        result = operation(np.moveaxis(small, -1, axis))
        result = np.moveaxis(ops.convert_to_numpy(result), axis, -1)
    # An operation of another kind may refuse the trial in any way.
    except Exception:
        return None
    for strides in itertools.product(range(1, phases + 1), repeat=rank):
        if phases > 1 and math.prod(strides) == phases:
            expected = phase_form.depth_to_space(small, strides)
            if np.array_equal(ops.convert_to_numpy(expected), result):
                return strides
    return None
