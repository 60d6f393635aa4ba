"""Inputs for a model of which no data are at hand."""

import pathlib
from collections.abc import Callable, Sequence

import keras
import numpy as np

from tfupsample.arguments import finite, positive_integer
from tfupsample.errors import UnusableInput
from tfupsample.images.files import FORMATS, list_pictures, open_image
from tfupsample.inspection.upsamplings import channel_axis
from tfupsample.ops.fir import filter_valid, fir_taps

_SIDE = 64  # pixels where a model leaves its sizes open


def input_shape(model: keras.Model, size: int | None = None) -> tuple[int, ...]:
    """Returns the shape of one input, channels as the model has them.

    Args:
        model: A built model.
        size: Pixels a side where the model leaves them open; 64 by default.

    Raises:
        UnusableInput: if the model does not have one input of real numbers of
            known rank, with known channels.
    """
    if size is not None:
        size = positive_integer("size", size)
    inputs = getattr(model, "inputs", None)
    if not inputs or len(inputs) != 1:
        raise UnusableInput(
            f"The model {getattr(model, 'name', model)!r} must have one input "
            "of known shape to be run and measured."
        )
    shape, dtype = inputs[0].shape[1:], inputs[0].dtype
    if not keras.backend.is_float_dtype(dtype):
        raise UnusableInput(f"The input must be floats, and is {dtype}.")
    if len(shape) == 1 and shape[0]:
        return tuple(shape)
    axis = 0 if channel_axis(model) == 1 else -1
    if not shape or shape[axis] is None:
        raise UnusableInput(f"The input has no known channels: {shape}.")
    return tuple(n or size or _SIDE for n in shape)


def random_inputs(
    model: keras.Model,
    limits: Sequence[float] = (-1.0, 1.0),
    size: int | None = None,
) -> Callable[[int, int], np.ndarray]:
    """Returns a function that draws inputs for a model.

    Latents, that is vectors, come from a standard normal; images are smooth
    noise, white noise under a binomial filter of 9 taps, from end to end of the
    limits.

    Args:
        model: A built model of one input.
        limits: Smallest and largest value of an image.
        size: As for `input_shape`.

    Returns:
        A function of `(count, seed)` that returns a float32 array.

    Raises:
        UnusableInput: as for `input_shape`.
        ValueError: for other limits.
    """
    shape = input_shape(model, size)
    limits = _checked(limits)

    def draw(count, seed):
        rng = np.random.default_rng(abs(seed) * 2 + (seed < 0))
        if len(shape) == 1:
            return rng.normal(size=(count, *shape)).astype("float32")
        axis = channel_axis(model)
        spatial = shape[1:] if axis == 1 else shape[:-1]
        channels = shape[0 if axis == 1 else -1]
        noise = rng.normal(size=(count, *(n + 8 for n in spatial), channels))
        for i in range(len(spatial)):
            noise = filter_valid(noise, i + 1, fir_taps("taps", 9))
        noise = noise / (3 * noise.std())
        return _channels(_to_limits(noise, limits), axis)

    return draw


def folder_inputs(
    model: keras.Model,
    folder: str | pathlib.Path,
    limits: Sequence[float] = (-1.0, 1.0),
    size: int | None = None,
) -> Callable[[int, int], np.ndarray]:
    """Returns a function that draws random crops of the pictures in a folder.

    Args:
        model: A built model from images, of 1 or 3 channels.
        folder: Holds pictures, also in folders inside it; smaller ones than
            the input are enlarged.
        limits: The values of black and white.
        size: As for `input_shape`.

    Raises:
        UnusableInput: if the model takes no such images or there are none.
    """
    shape = input_shape(model, size)
    limits = _checked(limits)
    axis = channel_axis(model)
    if len(shape) != 3 or shape[0 if axis == 1 else -1] not in (1, 3):
        raise UnusableInput(
            f"--images needs a model of pictures; this one takes {shape}."
        )
    height, width = shape[1:] if axis == 1 else shape[:-1]
    mode = "L" if shape[0 if axis == 1 else -1] == 1 else "RGB"
    files = list_pictures(folder)
    if not files:
        raise UnusableInput(f"There are no {FORMATS} files in {folder}.")

    def draw(count, seed):
        rng = np.random.default_rng(abs(seed) * 2 + (seed < 0))
        chosen = rng.integers(len(files), size=count)
        crops = [_crop(files[i], mode, width, height, rng) for i in chosen]
        pixels = np.stack(crops) / 127.5 - 1
        return _channels(_to_limits(pixels, limits), axis)

    return draw


def _checked(limits):
    """Two numbers, the smaller first."""
    try:
        low, high = (finite("limits", limit) for limit in limits)
    except (TypeError, ValueError):
        low = high = 0.0
    if low >= high:
        raise ValueError(
            "`limits` must be two finite numbers, the smaller first. "
            f"Received: {limits!r}"
        )
    return low, high


def _crop(path, mode, width, height, rng):
    image = open_image(path).convert(mode)
    zoom = max(width / image.width, height / image.height, 1)
    image = image.resize(
        (round(zoom * image.width), round(zoom * image.height))
    )
    left = int(rng.integers(image.width - width + 1))
    top = int(rng.integers(image.height - height + 1))
    box = (left, top, left + width, top + height)
    pixels = np.asarray(image.crop(box), "float64")
    return pixels.reshape(height, width, -1)


def _to_limits(images, limits):
    """From [-1, 1], and cut there, to the limits."""
    low, high = limits
    return low + (np.clip(images, -1, 1) + 1) / 2 * (high - low)


def _channels(images, axis):
    return np.moveaxis(images, -1, axis).astype("float32")
