"""What a convolution makes of the step before it, which was one layer once."""

import collections
import dataclasses
import math

from tfupsample.inspection.phases import transposed_imbalance
from tfupsample.inspection.rules import INVISIBLE


def note_neighbours(steps):
    """Changes the roles and borders of steps that belong to a convolution.

    Args:
        steps: The `Step`s of a network.
    """
    uses = collections.Counter(s for step in steps for s in step.sources)
    for step in steps:
        if step.role != "convolution":
            continue
        before = step.sources[0]
        while before.role == "pass" and before.sources and uses[before] == 1:
            before = before.sources[0]
        if uses[before] == 1:
            _note_padding(step, before)
            _note_filter(step, before)


def _note_padding(step, before):
    """Counts zeros as those of the convolution that they are there for.

    Exporters leave some of its axes to a padding of its own.
    """
    if before.role == "zero padding":
        border = math.ceil(before.border / max(step.strides))
        step.border = max(step.border, border)
        before.role, before.border = "pass", 0


def _note_filter(step, before):
    """Finds a transposed convolution whose pattern a convolution removes.

    It does if its own taps in each phase sum to the same, whatever comes in.
    """
    if (
        before.role == "transposed convolution"
        and step.kernel is not None
        and max(step.strides) == 1
    ):
        filtering = dataclasses.replace(step, strides=before.strides)
        if transposed_imbalance(filtering) < INVISIBLE:
            before.role = "resize-convolution"
