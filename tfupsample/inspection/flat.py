"""How much pattern, and of which periods, a network makes of flat inputs."""

import dataclasses
import math

import numpy as np
from keras import ops

from tfupsample.inspection.plane import flat_pictures
from tfupsample.inspection.probe_inputs import draw, inputs_of
from tfupsample.inspection.repeating import cell_of, middle_of, repeats

# What rounding adds to a flat picture, as a share of its largest value.
_ROUNDING = 1e-5


@dataclasses.dataclass(frozen=True)
class FlatResponse:
    """What a network makes of flat inputs, away from the border.

    Attributes:
        total: Share of pattern in the pictures, from 0 to 1: `sqrt(V / (V +
            S))`, where `V` is the variance within a picture and `S` the
            variance from input to input, both averaged over pixels and
            channels. If there are several pictures, it is the largest.
        shares: `{period: share}` of the pattern with that period and no
            shorter one among the requested periods.
        alike: Whether all inputs gave the same pictures.
    """

    total: float
    shares: dict
    alike: bool


def flat_response(network, periods, seed=0):
    """Runs a network on flat inputs, as if the images had no border.

    Args:
        network: A `Network`.
        periods: Periods to look for, in pixels of the output.
        seed: Seed of the inputs.

    Returns:
        A `FlatResponse`; `None` if there is no picture, if the network cannot
        be run, or if its response to flat inputs is neither flat nor periodic.
    """
    runs = all(s.call or s in network.inputs for s in network.steps)
    if not network.pictures or not network.dtypes or not runs:
        return None
    batch = max(s.shape[0] for s in network.inputs)
    given = inputs_of(network)
    inputs = draw("flat", given, batch, np.random.default_rng(seed))
    try:
        pictures = flat_pictures(network, inputs)
    # The code of others raises anything.
    except Exception:
        return None
    return _strongest(
        [_response(cell_of(*picture), periods) for picture in pictures]
    )


def _strongest(responses):
    periods = {p for r in responses for p in r.shares}
    return FlatResponse(
        max(r.total for r in responses),
        {
            period: max(r.shares.get(period, 0.0) for r in responses)
            for period in sorted(periods)
        },
        all(r.alike for r in responses),
    )


def _response(cells, periods):
    """Returns the response in one picture, given one cell for each input."""
    cells = cells.astype("float64")
    axes = tuple(range(1, cells.ndim - 1))
    level = np.abs(cells).max(initial=0)
    spread = cells.mean(axis=axes).var(axis=0).mean()
    power = {
        period: _power(cells, period)
        for period in sorted(periods)
        if all(n % period in (0, n) for n in cells.shape[1:-1])
    }
    own = {
        period: max(value - _power_of_divisors(power, period), 0.0)
        for period, value in power.items()
    }
    total = cells.var(axis=axes).mean()

    def share(variance):
        if variance <= (_ROUNDING * level) ** 2:
            return 0.0
        return float(np.sqrt(variance / (total + spread)))

    return FlatResponse(
        share(total),
        {period: share(variance) for period, variance in own.items()},
        bool(spread <= (_ROUNDING * level) ** 2),
    )


def _power(cells, period):
    """Returns the variance of the pattern with this period on every axis."""
    for axis in range(1, cells.ndim - 1):
        side = cells.shape[axis]
        if side > period:
            shape = cells.shape
            split = (*shape[:axis], side // period, period, *shape[axis + 1 :])
            cells = cells.reshape(split).mean(axis)
    return cells.var(axis=tuple(range(1, cells.ndim - 1))).mean()


def _power_of_divisors(power, period):
    shorter = [v for p, v in power.items() if p < period and period % p == 0]
    return max(shorter, default=0.0)


def response_of_function(function, given, periods, batch):
    """Returns the response of a function whose steps are not known.

    Only the middle of its images counts, and only if it is periodic: otherwise
    the border reaches it.

    Args:
        function: A function from a list of arrays to images, channels last.
        given: A `Given` for each of the arrays.
        periods: Periods to look for, in pixels of the output.
        batch: The number of samples in each call.

    Returns:
        A `FlatResponse`, or `None` if it cannot be known.
    """
    if not any(one.image for one in given):
        return None
    inputs = draw("flat", given, batch, np.random.default_rng(0))
    try:
        images = ops.convert_to_numpy(
            function([ops.convert_to_tensor(x) for x in inputs])
        )
    # The code of others raises anything.
    except Exception:
        return None
    period = (math.lcm(*periods),) * (images.ndim - 2)
    middle = middle_of(images, period, -1)
    if not period or middle is None or not repeats(middle, period, -1):
        return None
    return _response(cell_of(middle, period), periods)
