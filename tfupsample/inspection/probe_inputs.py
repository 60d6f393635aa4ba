"""Inputs for a model when no data are at hand."""

import dataclasses

import numpy as np

_LABELS = {
    "Embedding": "input_dim",
    "CategoryEncoding": "num_tokens",
    "OneHot": "num_classes",
}


@dataclasses.dataclass(frozen=True)
class Given:
    """One input of a model.

    Attributes:
        shape: Its shape without the batch; all sizes are known.
        dtype: The name of its dtype.
        channel_axis: The channel axis of images, 1 or -1, counted with the
            batch; `None` for images whose pixels are single numbers.
        image: Whether it is an image or film, with one to three axes.
        classes: The number of classes of labels, which are integers that are
            not images.
        differentiable: Whether a gradient can be taken with respect to it.
    """

    shape: tuple
    dtype: str
    channel_axis: int | None = -1
    image: bool = True
    classes: int = 1
    differentiable: bool = True


def inputs_of(network):
    """Returns a `Given` for each input of a network."""
    ranks = {len(s.strides) + 2 for s in network.steps if s.strides}
    return [
        Given(
            tuple(step.shape[1:]),
            dtype,
            step.channel_axis if len(step.shape) in ranks else None,
            step.spatial,
            _classes(network, step),
        )
        for step, dtype in zip(network.inputs, network.dtypes)
    ]


def draw(kind, given, samples, rng):
    """Returns an array for each input.

    Args:
        kind: With `"flat"` each image has one random colour, otherwise its
            pixels are white noise. Colours are uniform from -1 to 1, those of
            integers from 0 to 255. Other inputs are standard normal numbers,
            or labels.
        given: A `Given` for each input.
        samples: The number of samples of each input.
        rng: A NumPy generator.
    """
    return [_draw(kind, one, samples, rng) for one in given]


def _draw(kind, given, samples, rng):
    shape = [samples, *given.shape]
    integer = "int" in given.dtype
    if given.dtype == "bool":
        return rng.integers(2, size=shape).astype(bool)
    if not given.image:
        values = rng.integers(given.classes, size=shape) if integer else None
        values = rng.normal(size=shape) if values is None else values
        return values.astype(given.dtype)
    # Drawn with the channels last, so that both orders have the same numbers.
    axis = given.channel_axis or -1
    shape.append(shape.pop(axis))
    if kind == "flat":
        channels = 1 if given.channel_axis is None else shape[-1]
        ones = [1] * (len(shape) - 2)
        colours = _spread(samples, channels, rng).reshape(-1, *ones, channels)
    else:
        colours = rng.uniform(size=shape)
    low, high = (0, _end(given.dtype)) if integer else (-1, 1)
    colours = low + (high - low) * colours
    colours = np.clip(colours, low, high - integer)
    images = np.broadcast_to(colours, shape).astype(given.dtype)
    return np.moveaxis(images, -1, axis)


def _spread(samples, channels, rng):
    """Random colours, as uniform ones from 0 to 1.

    Where there are more samples than channels, they have exactly the mean and
    the covariance of uniform ones, so that a few do for many.
    """
    drawn = rng.uniform(size=(samples, channels))
    if samples <= channels:
        return drawn
    drawn -= drawn.mean(axis=0)
    factor = np.linalg.cholesky(drawn.T @ drawn / samples)
    return 0.5 + np.linalg.solve(factor, drawn.T).T / np.sqrt(12)


def _end(dtype):
    """Returns one more than the largest value of an integer pixel."""
    return min(256, np.iinfo(dtype).max + 1)


def _classes(network, given):
    """Returns how many labels an input has, by the layer that looks them up."""
    reached = {given}
    for step in network.steps:
        if not reached.intersection(step.sources):
            continue
        count = getattr(step.layer, _LABELS.get(step.type, ""), None)
        if count:
            return int(count)
        reached.add(step)
    return 1
