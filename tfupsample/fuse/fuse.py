"""Makes trained models faster that resize and then convolve.

Keras is imported only when there is a model to fuse.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tfupsample.arguments import integer, per_axis, positive_integer
from tfupsample.errors import UnusableInput

if TYPE_CHECKING:
    import keras

    from tfupsample.fuse.rewrite import Pair

TOLERANCE = 1e-4
"""The largest relative difference of the outputs of a model in 32 bits."""

TOLERANCE_16 = 0.05
"""The same of a model that computes in 16 bits."""


@dataclasses.dataclass
class Fused:
    """A model whose resizes are part of the convolutions, and what that saves.

    Attributes:
        model: The model, with weights of its own; a plain copy if there is
            nothing to fuse.
        pairs: What was fused: the paths of the resize and the convolution,
            `scale`, `interpolation`, and `arithmetic`, the multiply-adds of
            the convolution over those before.
        left: `(path, reason)` of the resizes, and of the convolutions after
            them, that stay as they are.
        before: `{"multiply_adds", "activation_bytes"}` of the model for one
            example (`tfupsample.fuse.cost`).
        after: The same of the fused model.
        difference: `{"absolute", "relative"}`: the largest difference of their
            outputs, and the same over the largest output.
        milliseconds: `{"before", "after", "ratio", "rounds"}` of one example,
            medians of interleaved runs; `None` if they were not timed.
    """

    model: keras.Model
    pairs: list[Pair]
    left: list[tuple[str, str]]
    before: dict[str, int]
    after: dict[str, int]
    difference: dict[str, float]
    milliseconds: dict[str, float] | None = None


def fuse_model(
    model: keras.Model,
    inputs: Any | Callable[[int, int], Any] | None = None,
    size: int | Sequence[int] | None = None,
    rounds: int = 0,
) -> Fused:
    """Fuses each resize of a model with the convolution after it.

    The two become one convolution at low resolution with the same weights (the
    phase form of `ResizeConv2D`). Padding between them, activations and
    normalisations are taken along where that is exact, at the border too; the
    rest stays as it is. The fused layers are those of this package: the result
    trains, and saves to a `.keras` file that loads where tfupsample is
    installed. The model is run on an example before and after.

    Args:
        model: A functional or sequential model, which is not changed. It may
            hold others, and layers of layers.
        inputs: One example or more with which to compare the outputs, in the
            structure that the model takes, or a function of `(count, seed)`;
            random ones by default.
        size: Pixels along the axes that the model leaves open, in order; 64
            by default.
        rounds: How often to time both models; not at all by default.

    Raises:
        UnusableInput: if the model has no graph that could be changed, cannot
            be copied or run, or gives another output than before.
        ValueError: for an argument outside these ranges.
    """
    import keras

    from tfupsample.fuse.rewrite import Rewriting
    from tfupsample.repair.surgery import copy_model

    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {model!r}")
    if size is not None:
        count = len(size) if isinstance(size, (list, tuple)) and size else 1
        size = per_axis("size", size, count, positive_integer)
    integer("rounds", rounds, 0)
    rewriting = Rewriting()
    copy = copy_model(model)
    fused = rewriting.model(copy)
    fused = fused if rewriting.pairs else copy
    return _judged(copy, fused, rewriting, inputs, size, rounds)


def _judged(copy, fused, rewriting, inputs, size, rounds):
    from tfupsample.fuse.compare import difference, milliseconds
    from tfupsample.fuse.cost import cost, of_known_size

    models = [of_known_size(one, size) for one in (copy, fused)]
    costs = list(map(cost, models))
    example = _example(models[0], inputs)
    apart = difference(*models, example)
    _check(copy, apart["relative"])
    return Fused(
        fused,
        rewriting.pairs,
        rewriting.left,
        *costs,
        apart,
        milliseconds(*(m.predict_on_batch for m in models), example, rounds)
        if rounds
        else None,
    )


def _example(model, inputs):
    from tfupsample.repair.inputs import random_inputs

    if inputs is None:
        inputs = random_inputs(model)
    return inputs(1, 0) if callable(inputs) else inputs


def _check(model, relative):
    from tfupsample.inspection.keras_graph import layers_inside

    dtypes = {layer.compute_dtype for _, layer in layers_inside(model)}
    small = dtypes & {"float16", "bfloat16"}
    if not relative <= (TOLERANCE_16 if small else TOLERANCE):
        raise UnusableInput(
            f"The outputs of {model.name!r} would change by {relative:.2g} of "
            "the largest: it is not computed as it was read, or it draws "
            "random numbers. It stays as it is."
        )
