"""Inputs for a model when no data are at hand.

Keras is imported only when there is a model to draw for.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfupsample.arguments import finite, positive_integer
from tfupsample.errors import UnusableInput
from tfupsample.images.files import FORMATS, list_pictures, open_image
from tfupsample.repair.leaves import dead_leaves

if TYPE_CHECKING:
    import keras

UNSEEN = 1_000_003  # a seed that the distillation never reaches
_SIDE = 64  # pixels a side if a model leaves its sizes open


def random_inputs(
    model: keras.Model,
    limits: Sequence[float] = (-1.0, 1.0),
    size: int | None = None,
) -> Callable[[int, int], Any]:
    """Returns a function that draws inputs for a model.

    Latents (vectors) come from a standard normal distribution, and integers
    that are looked up in a table are indices of its rows. Pictures of 1 or 3
    channels are `dead_leaves`; other images and films are smooth noise, which
    is white noise under a binomial filter of 9 taps. Both are stretched to the
    limits, or to 0 and 255 if the model takes integers.

    Args:
        model: A built model.
        limits: The smallest and largest value of an image.
        size: Pixels a side if the model leaves them open; 64 by default.

    Returns:
        A function of `(count, seed)` that returns inputs of the model: an
        array, or arrays in the structure that it takes.

    Raises:
        UnusableInput: if the inputs of the model are not known.
        ValueError: for other limits.
    """
    from keras import tree

    structure, given = _given(model, size)
    return random_arrays(
        given, functools.partial(tree.pack_sequence_as, structure), limits
    )


def random_arrays(
    given: Sequence[Any],
    pack: Callable[[list[np.ndarray]], Any],
    limits: Sequence[float] = (-1.0, 1.0),
) -> Callable[[int, int], Any]:
    """Does what `random_inputs` does, for inputs that are described.

    Args:
        given: A `Given` for each input.
        pack: A function that makes of arrays for them what the model takes.
        limits: As for `random_inputs`.
    """
    limits = _checked(limits)

    def draw(count, seed):
        rng = np.random.default_rng(abs(seed) * 2 + (seed < 0))
        return pack([_draw(one, count, limits, rng) for one in given])

    return draw


def _given(model, size):
    """Returns the structure of a model's inputs, and a `Given` for each."""
    from keras import Model, tree

    from tfupsample.inspection.keras_graph import networks_of
    from tfupsample.inspection.keras_inputs import given_inputs
    from tfupsample.inspection.probe_inputs import inputs_of

    if not isinstance(model, Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {model!r}")
    side = _SIDE if size is None else positive_integer("size", size)
    try:
        args, kwargs = given_inputs(model, side)
        found = inputs_of(networks_of(model)[0])
    except ValueError as error:
        raise UnusableInput(str(error)) from error
    symbols = tree.flatten(args)
    if kwargs or len(args) != 1 or len(found) != len(symbols):
        raise UnusableInput(
            f"What the model {model.name!r} takes is not known. Pass a "
            "function that draws its inputs."
        )
    return args[0], [
        dataclasses.replace(one, shape=tuple(symbol.shape[1:]))
        for one, symbol in zip(found, symbols)
    ]


def _draw(given, count, limits, rng):
    """Returns an array for one input."""
    shape = (count, *given.shape)
    integer = "int" in given.dtype
    if not given.image:
        drawn = rng.integers(given.classes, size=shape) if integer else None
        drawn = rng.normal(size=shape) if drawn is None else drawn
        return drawn.astype(given.dtype)
    images = _images(shape, given.channel_axis, rng)
    return _to_limits(images, (0, 255) if integer else limits).astype(
        given.dtype
    )


def _images(shape, axis, rng):
    """Returns images in [-1, 1], but for some noise that goes beyond."""
    from tfupsample.ops.fir import filter_valid, fir_taps

    channels = None if axis is None else axis % len(shape)
    spatial = [i for i in range(1, len(shape)) if i != channels]
    colours = 1 if axis is None else shape[channels]
    if len(spatial) == 2 and colours in (1, 3):
        sizes = [shape[i] for i in spatial]
        images = dead_leaves(shape[0], *sizes, colours, rng)
        return images[..., 0] if axis is None else np.moveaxis(images, -1, axis)
    wide = [n + 8 * (i in spatial) for i, n in enumerate(shape)]
    noise = rng.normal(size=wide)
    for i in spatial:
        noise = filter_valid(noise, i, fir_taps("taps", 9))
    return noise / (3 * noise.std())


def folder_inputs(
    model: keras.Model,
    folder: str | pathlib.Path,
    limits: Sequence[float] = (-1.0, 1.0),
    size: int | None = None,
) -> Callable[[int, int], np.ndarray]:
    """Returns a function that draws random crops of the pictures in a folder.

    Args:
        model: A built model that takes images of 1 or 3 channels.
        folder: A folder of pictures, also in folders inside it; those smaller
            than the input are enlarged.
        limits: The values of black and white.
        size: As for `random_inputs`.

    Raises:
        UnusableInput: if the model takes no such images or the folder has
            none.
    """
    _, given = _given(model, size)
    return crops(given, lambda arrays: arrays[0], folder, limits)


def crops(
    given: Sequence[Any],
    pack: Callable[[list[np.ndarray]], Any],
    folder: str | pathlib.Path,
    limits: Sequence[float] = (-1.0, 1.0),
) -> Callable[[int, int], Any]:
    """Does what `folder_inputs` does, for inputs that are described.

    Args:
        given: As for `random_arrays`.
        pack: As for `random_arrays`.
        folder: As for `folder_inputs`.
        limits: As for `folder_inputs`.
    """
    limits = _checked(limits)
    shape, axis = given[0].shape, given[0].channel_axis
    first = axis == 1
    if (
        len(given) > 1
        or len(shape) != 3
        or axis is None
        or shape[0 if first else -1] not in (1, 3)
    ):
        raise UnusableInput(
            "--images needs a model of pictures; this one takes "
            f"{', '.join(str(one.shape) for one in given)}."
        )
    height, width = shape[1:] if first else shape[:-1]
    mode = "L" if shape[0 if first else -1] == 1 else "RGB"
    files = list_pictures(folder)
    if not files:
        raise UnusableInput(f"There are no {FORMATS} files in {folder}.")

    def draw(count, seed):
        rng = np.random.default_rng(abs(seed) * 2 + (seed < 0))
        chosen = rng.integers(len(files), size=count)
        parts = [_crop(files[i], mode, width, height, rng) for i in chosen]
        pixels = np.stack(parts) / 127.5 - 1
        return pack([_channels(_to_limits(pixels, limits), axis)])

    return draw


def array_inputs(arrays: Any) -> Callable[[int, int], Any]:
    """Returns a function that draws from inputs that are given.

    The last quarter is kept for judging, and the rest for distillation.

    Args:
        arrays: An array, or arrays in the structure that the model takes, with
            one axis for the examples first, at least 4 of them.

    Returns:
        A function of `(count, seed)`; the seed `UNSEEN` draws for judging.

    Raises:
        TypeError: if they are not arrays of numbers.
        ValueError: for fewer examples, or not as many of each input.
    """
    from keras import tree

    arrays = tree.map_structure(np.asarray, arrays)
    flat = tree.flatten(arrays)
    if any(array.dtype.kind not in "biuf" for array in flat):
        raise TypeError(
            "`inputs` must be arrays of numbers, or a function of `(count, "
            f"seed)`. Received: {arrays!r}"
        )
    counts = {len(array) if array.ndim else 0 for array in flat}
    if len(counts) != 1 or min(counts) < 4:
        raise ValueError(
            "`inputs` must be at least 4 examples, as many of each input. "
            f"Received: shapes {[array.shape for array in flat]}"
        )
    (examples,) = counts
    seen = examples * 3 // 4

    def draw(count, seed):
        low, high = (seen, examples) if seed == UNSEEN else (0, seen)
        rng = np.random.default_rng(abs(seed) * 2 + (seed < 0))
        shuffled = low + rng.permutation(high - low)
        rows = np.resize(shuffled, count)  # again from the first, if too few
        return tree.map_structure(lambda array: array[rows], arrays)

    return draw


def flat_inputs(inputs: Any, channel_axis: int) -> Any:
    """Returns inputs whose images have the colour of their middle everywhere.

    Args:
        inputs: Arrays in any structure, of which those of real numbers with
            four axes are images.
        channel_axis: The axis of their channels, 1 or -1.

    Returns:
        Arrays in the same structure, or `None` if none is an image.
    """
    from keras import tree

    def flat(array):
        if not _is_image(array):
            return array
        axes = (2, 3) if channel_axis == 1 else (1, 2)
        middle = [array.shape[axis] // 2 for axis in axes]
        colours = array.take([middle[0]], axes[0]).take([middle[1]], axes[1])
        return np.broadcast_to(colours, array.shape)

    if not any(map(_is_image, tree.flatten(inputs))):
        return None
    return tree.map_structure(flat, inputs)


def _is_image(array):
    return array.ndim == 4 and array.dtype.kind == "f"


def _checked(limits):
    """Returns two numbers, the smaller first."""
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
    """Clips values to [-1, 1] and maps them to the limits."""
    low, high = limits
    return low + (np.clip(images, -1, 1) + 1) / 2 * (high - low)


def _channels(images, axis):
    return np.moveaxis(images, -1, axis).astype("float32")
