"""Nearest interpolation along one axis: phases that are equal, computed once.

Where a kernel covers fewer pixels than an enlarged one has, most pixels of the
output lie inside one enlarged pixel with their whole kernel, and have the same
value. A cell of the output, which is one enlarged pixel, is then

    first phases (reaching back), inner value (repeated), last phases

and `kernel_size` phases are all that there is to compute, of `scale`.
"""

import dataclasses

from keras import ops

from tfupsample.ops.adjoint import with_adjoint
from tfupsample.ops.phase_form import shifted_plan


def pays(kernel_size, scale):
    """Whether at most half of the phases differ, where copying costs less."""
    return 2 <= kernel_size <= scale // 2


def distinct_plan(kernel_size, scale):
    """Returns a `PhasePlan` of the `kernel_size` phases that differ.

    In this order: the last phases of a cell, the first ones of the next cell,
    and the inner value of that. Both cells are seen by all.

    Args:
        kernel_size: Taps of the kernel, from 2 to `scale`.
        scale: Integer.
    """
    plan = shifted_plan(kernel_size, scale, "nearest", kernel_size // 2)
    return dataclasses.replace(plan, matrix=plan.matrix[:kernel_size])


def repeat_inner(x, kernel_size, scale):
    """Makes cells of the phases of `distinct_plan`.

    Args:
        x: `(batch, size + 1, kernel_size * filters)`, phases in the slow part.
        kernel_size: Taps of the kernel.
        scale: Pixels of a cell.

    Returns:
        `(batch, scale * size, filters)`.
    """
    filters = x.shape[-1] // kernel_size
    last = kernel_size // 2 * filters
    inner = (kernel_size - 1) * filters
    copies = scale - kernel_size + 1

    def spread(x):
        batch, size, _ = ops.shape(x)
        here, after = x[:, :-1], x[:, 1:]
        parts = [here[..., last:inner], *[here[..., inner:]] * copies]
        y = ops.concatenate([*parts, after[..., :last]], axis=-1)
        return ops.reshape(y, (batch, (size - 1) * scale, filters))

    def gather(y):
        batch, size, _ = ops.shape(y)
        y = ops.reshape(y, (batch, size // scale, scale * filters))
        first = inner - last
        total = sum(
            y[..., start : start + filters]
            for start in range(first, first + copies * filters, filters)
        )
        here = ops.concatenate([y[..., :first], total], axis=-1)
        after = y[..., y.shape[-1] - last :]
        none = (0, 0)
        return ops.concatenate(
            [
                ops.pad(after, (none, (1, 0), none)),
                ops.pad(here, (none, (0, 1), none)),
            ],
            axis=-1,
        )

    return with_adjoint(spread, gather, x)
