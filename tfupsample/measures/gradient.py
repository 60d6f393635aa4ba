"""The checkerboard in the gradient that a model sends back to its input.

The gradient of a strided convolution is a transposed convolution, and that of
max pooling reaches one pixel in four. Whatever trains through them, a generator
or an image under a perceptual loss, is pushed in a pattern (Odena, Dumoulin and
Olah, 2016).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from tfupsample.arguments import (
    check_function,
    finite_array,
    integer,
    positive_integer,
    shape_of,
)
from tfupsample.measures.artifacts import peak_prominence
from tfupsample.ops.autodiff import input_gradient


class GradientPattern(NamedTuple):
    """The pattern in a model's input gradient.

    Attributes:
        flat: `pattern_share` of the gradient at flat inputs.
        noise: The same at white noise.
        prominence: `peak_prominence(...).mean` at white noise, in dB.
    """

    flat: float
    noise: float
    prominence: float


def gradient_pattern(
    model: Callable[[Any], Any],
    shape: Sequence[int],
    period: int,
    batch: int = 8,
    seed: int = 0,
    margin: int | None = None,
) -> GradientPattern:
    """Measures the checkerboard of the gradient of a model's mean output.

    Args:
        model: A model or function of one array `(batch, *shape)`.
        shape: `(height, width, channels)` of its input.
        period: Period of the pattern in pixels, such as the total stride of the
            model.
        batch: Number of inputs of each kind. Flat inputs are gray values from
            -1 to 1, noise is standard normal.
        seed: Seed of the noise.
        margin: Number of pixels ignored on each side; an eighth of the shorter
            side by default. Zero padding reaches further in deep models.

    Returns:
        A `GradientPattern`.

    Raises:
        ValueError: if the inputs without the margin are smaller than a period.
    """
    check_function("model", model)
    shape = shape_of("shape", shape, "(height, width, channels)", (3,))
    batch = positive_integer("batch", batch)
    integer("period", period, 2)
    rng = np.random.default_rng(integer("seed", seed, 0, 2**64))
    flat = np.linspace(-1, 1, batch).reshape(-1, 1, 1, 1) * np.ones(shape)
    noise = rng.normal(size=(batch, *shape))
    at_flat, at_noise = (mean_gradient(model, x) for x in (flat, noise))
    return GradientPattern(
        pattern_share(at_flat, period, margin),
        pattern_share(at_noise, period, margin),
        peak_prominence(at_noise, period, margin).mean,
    )


def mean_gradient(model: Callable[[Any], Any], inputs: ArrayLike) -> np.ndarray:
    """Returns the gradient of the mean output of a model at some inputs.

    Args:
        model: A model or function of one array.
        inputs: `(batch, height, width, channels)`.

    Returns:
        float64 of the same shape.
    """
    check_function("model", model)
    inputs = finite_array("inputs", inputs)
    gradient = input_gradient(
        lambda x: ops.mean(model(x)), inputs.astype("float32")
    )
    return ops.convert_to_numpy(gradient).astype("float64")


def pattern_share(
    gradients: ArrayLike, period: int, margin: int | None = None
) -> float:
    """Returns which share of a set of gradients is one common pattern.

    Like `coherent_score`, but as a share of the root mean square: the gradient
    of an artifact-free model at a flat input is constant, so its standard
    deviation cannot serve as the unit.

    Args:
        gradients: `(batch, height, width, channels)`.
        period: Period of the pattern in pixels, at least 2.
        margin: As for `gradient_pattern`.

    Returns:
        The standard deviation of the means of the `period**2` phases, divided
        by the root mean square: a float from 0 (no pattern) to 1.

    Raises:
        ValueError: if the gradients without the margin are smaller than a
            period.
    """
    gradients = finite_array("gradients", gradients)
    period = integer("period", period, 2)
    batch, *sides, channels = gradients.shape
    if margin is None:
        margin = min(sides) // 8
    margin = integer("margin", margin, 0)
    rows, columns = ((n - 2 * margin) // period for n in sides)
    if min(rows, columns) < 1:
        raise ValueError(
            f"`gradients` must measure at least {period + 2 * margin} pixels a "
            f"side for period={period} and margin={margin}. "
            f"Received: {gradients.shape}"
        )
    inside = gradients[
        :,
        margin : margin + rows * period,
        margin : margin + columns * period,
    ]
    phases = inside.reshape(batch, rows, period, columns, period, channels)
    pattern = np.mean(phases.mean(axis=(0, 1, 3)).var(axis=(0, 1)))
    total = max(np.mean(inside**2), np.finfo(float).tiny)
    return float(np.sqrt(pattern / total))
