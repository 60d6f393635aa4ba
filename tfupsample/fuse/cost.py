"""What a model costs: multiply-adds, and activations that live at once."""

import math

import keras

from tfupsample.inspection.keras_graph import networks_of
from tfupsample.ops.phase_form import phase_plan

_DEFAULT_SIDE = 64  # pixels where a model leaves its sizes open


def of_known_size(model, size=None):
    """Returns a model of the same layers for one example of a known size.

    Args:
        model: A functional or sequential model.
        size: Pixels along the axes that the model leaves open, in order; 64 by
            default.
    """
    size = size or (_DEFAULT_SIDE,)

    def known(tensor):
        batch, *rest = tensor.shape
        sides = iter((*size, *[size[-1]] * len(rest)))
        rest = [next(sides) if n is None else n for n in rest]
        return keras.Input(
            batch_shape=(batch or 1, *rest),
            dtype=tensor.dtype,
            name=tensor.name,
        )

    sequential = isinstance(model, keras.Sequential)
    structure = model.inputs[0] if sequential else model.input
    inputs = keras.tree.map_structure(known, structure)
    return keras.Model(inputs, model(inputs))


def cost(model):
    """Returns what one run of a model takes.

    Args:
        model: A model of known sizes.

    Returns:
        `{"multiply_adds", "activation_bytes"}`. The first are those of
        convolutions and dense layers. The second is the most that the outputs
        of layers take at once, if each is kept until its last use and not
        longer; what a layer stores in between is not known, but for the phases
        of a resize-convolution.
    """
    steps = networks_of(model)[0].steps
    return {
        "multiply_adds": sum(map(_multiply_adds, steps)),
        "activation_bytes": _most_alive(steps),
    }


def _multiply_adds(step):
    layer = step.layer
    pixels = math.prod(step.shape[:-1])
    if step.channel_axis == 1 and len(step.shape) > 2:
        pixels = step.shape[0] * math.prod(step.shape[2:])
    if getattr(layer, "uses_phases", False):
        axes = zip(layer.kernel_size, layer.scale)
        plans = [phase_plan(k, s, layer.interpolation) for k, s in axes]
        taps = math.prod(plan.taps for plan in plans)
        return pixels * taps * math.prod(layer.kernel.shape[-2:])
    if step.role == "transposed convolution":
        pixels //= math.prod(step.strides)
    names = ("kernel", "depthwise_kernel", "pointwise_kernel")
    kernels = [getattr(layer, name, None) for name in names]
    return pixels * sum(
        math.prod(k.shape) for k in kernels if hasattr(k, "shape")
    )


def _most_alive(steps):
    last = {}
    for i, step in enumerate(steps):
        last.update((id(source), i) for source in step.sources)
    alive = most = 0
    sizes = {id(step): _bytes(step) for step in steps}
    for i, step in enumerate(steps):
        alive += sizes[id(step)]
        phases = getattr(step.layer, "uses_phases", False)
        most = max(most, alive + phases * sizes[id(step)])
        done = {id(s) for s in step.sources if last[id(s)] == i}
        alive -= sum(sizes[one] for one in done)
    return most


def _bytes(step):
    dtype = getattr(step.layer, "compute_dtype", None) or "float32"
    bits = {"float16": 16, "bfloat16": 16, "float64": 64}.get(dtype, 32)
    return math.prod(step.shape) * bits // 8
