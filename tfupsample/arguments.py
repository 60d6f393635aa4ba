"""Checks of arguments, shared by every public class and function."""

import math
import operator
from collections.abc import Callable, Collection, Sequence
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

LARGEST = 2**20
"""Limit for pixels, channels and the like; larger values are surely mistakes,
which would exhaust the memory."""

MOST_CHANNELS = 2**15
"""Limit for widths, classes and the like, several of which are multiplied."""

MOST_SIDE = 2**12
"""Limit for the side in pixels of the images that a model is built for."""

MOST_TAPS = 2**10
"""Limit for the taps of a kernel along one axis."""

MOST_SCALE = 2**8
"""Limit for the factor of an upsampling along one axis."""

PAD_MODES = ("symmetric", "reflect", "edge", "circular", "constant")
"""How images may be extended (`tfupsample.ops.padding`)."""

INTERPOLATIONS = ("nearest", "bilinear", "bicubic")
"""How images may be resized (`tfupsample.ops.phase_form`)."""

IMAGES = ("batch", "height", "width", "channels")
"""The axes of a batch of images."""

T = TypeVar("T")


def one_of(name: str, value: Any, choices: Collection[str]) -> str:
    """Returns `value` if it is one of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"`{name}` must be one of {tuple(choices)}. Received: {value!r}"
        )
    return value


def integer(name: str, value: Any, least: int, most: int = LARGEST) -> int:
    """Returns `value` as an `int` from `least` to `most`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if not least <= number <= most or isinstance(value, (bool, np.bool_)):
        raise ValueError(
            f"`{name}` must be an integer of at least {least}"
            f"{f' and at most {most}' if number > most else ''}. "
            f"Received: {value!r}"
        )
    return number


def positive_integer(name: str, value: Any) -> int:
    """Returns `value` as an `int` of at least 1."""
    return integer(name, value, 1)


def check_channels(**values: Any) -> None:
    """Raises unless every value is an `int` from 1 to `MOST_CHANNELS`."""
    for name, value in values.items():
        integer(name, value, 1, MOST_CHANNELS)


def tap_count(name: str, value: Any) -> int:
    """Returns `value` as an `int` from 1 to `MOST_TAPS`."""
    return integer(name, value, 1, MOST_TAPS)


def scale_factor(name: str, value: Any) -> int:
    """Returns `value` as an `int` from 1 to `MOST_SCALE`."""
    return integer(name, value, 1, MOST_SCALE)


def upsampling_factor(name: str, value: Any) -> int:
    """Returns the same for a layer that takes `size` when it is called.

    The error says how that layer enlarges by a fraction such as 1.5 or "3/2".
    """
    try:
        above, _, below = str(value).partition("/")
        number = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        number = math.nan
    if 1 < number < MOST_SCALE and number % 1:
        whole = math.ceil(number)
        raise ValueError(
            f"`{name}` must be an integer. To enlarge to `size` pixels by a "
            f"fraction, resize the input to ceil(size / {whole}) pixels first, "
            f"as by `keras.ops.image.resize`, and call a layer of {name}="
            f"{whole} with `size=size`. Received: {value!r}"
        )
    return scale_factor(name, value)


def period_list(name: str, values: Any) -> list[int]:
    """Returns `values`, at least one, as a list of `int`s of at least 2."""
    try:
        checked = [integer(name, value, 2) for value in values]
    except TypeError:
        checked = []
    if not checked:
        raise ValueError(
            f"`{name}` must be a list of integers of at least 2. "
            f"Received: {values!r}"
        )
    return checked


def finite(
    name: str, value: Any, least: float = -math.inf, most: float = math.inf
) -> float:
    """Returns `value` as a finite `float` from `least` to `most`."""
    try:
        text = isinstance(value, (str, bytes, bool))
        number = math.nan if text else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not (math.isfinite(number) and least <= number <= most):
        above = f" of at least {least}" if least > -math.inf else ""
        below = f" and at most {most}" if most < math.inf else ""
        raise ValueError(
            f"`{name}` must be a finite number{above}{below}. "
            f"Received: {value!r}"
        )
    return number


def boolean(name: str, value: Any) -> bool:
    """Returns `value` if it is `True` or `False`."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"`{name}` must be True or False. Received: {value!r}")
    return bool(value)


def keras_object(module: ModuleType, name: str, value: Any) -> Any:
    """Returns an object that Keras knows, such as an initializer.

    Args:
        module: A module with a function `get`, such as `keras.initializers`.
        name: The name of the argument, for the message.
        value: A name, an instance, a function, a configuration or `None`.
    """
    try:
        return module.get(value)
    except Exception as error:  # a configuration may raise anything
        raise ValueError(
            f"`{name}` must be one of {module.__name__}, or the name of one. "
            f"Received: {value!r}"
        ) from error


def check_function(name: str, value: Any) -> None:
    """Raises unless `value` can be called."""
    if not callable(value):
        raise TypeError(f"`{name}` must be a function. Received: {value!r}")


def shape_of(
    name: str, value: Any, axes: str, ranks: Collection[int]
) -> tuple[int, ...]:
    """Returns `value` as a tuple of integers of at least 1.

    Args:
        name: The name of the argument, for the message.
        value: A sequence of integers.
        axes: What the integers stand for, for the message.
        ranks: Numbers of axes that are allowed.
    """
    try:
        sizes = tuple(positive_integer(name, n) for n in value)
    except (TypeError, ValueError):
        sizes = ()
    if len(sizes) not in ranks or isinstance(value, bytes):
        raise ValueError(
            f"`{name}` must be {axes}, integers from 1 to {LARGEST}. "
            f"Received: {value!r}"
        )
    return sizes


def finite_array(
    name: str, value: ArrayLike, axes: Sequence[str] = IMAGES
) -> np.ndarray:
    """Returns `value` as a float64 array of finite real numbers.

    Args:
        name: The name of the argument, for the message.
        value: Anything that numpy can make an array of.
        axes: Names of its axes, none of which may be empty.
    """
    needed = (
        f"`{name}` must have the shape ({', '.join(axes)}), no axis empty, "
        "and hold finite real numbers. Received: "
    )
    try:
        array = np.asarray(value)
        if array.dtype.kind in "SUOcMm":
            raise TypeError(f"dtype={array.dtype}")
        array = array.astype("float64", copy=False)
    except (TypeError, ValueError) as error:
        found = f"{type(value).__name__} ({error})"
        raise ValueError(needed + found) from error
    if array.ndim != len(axes) or 0 in array.shape:
        raise ValueError(f"{needed}{array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{needed}NaN or infinity among them")
    return array


def per_axis(
    name: str, value: Any, rank: int, check: Callable[[str, Any], T]
) -> tuple[T, ...]:
    """Returns `rank` values: `value` repeated, or its own values.

    Args:
        name: The name of the argument, for the message.
        value: One value for all axes, or a list or tuple of `rank` values.
        rank: The number of spatial axes.
        check: A function of `(name, value)` that returns the value or raises.
    """
    values = value if isinstance(value, (list, tuple)) else (value,) * rank
    if len(values) != rank:
        raise ValueError(
            f"`{name}` must be one value or {rank}, one for each spatial axis. "
            f"Received: {value!r}"
        )
    return tuple(check(name, v) for v in values)


def one_or_per_axis(
    name: str, value: Any, check: Callable[[str, Any], T]
) -> T | tuple[T, ...]:
    """Returns a checked value before the number of axes is known.

    One value stays one value; a list or tuple becomes a tuple.
    """
    if isinstance(value, (list, tuple)):
        if not 1 <= len(value) <= 3:
            raise ValueError(
                f"`{name}` must be one value or one for each of up to three "
                f"spatial axes. Received: {value!r}"
            )
        return per_axis(name, value, len(value), check)
    return check(name, value)


def for_axes(name: str, value: Any, rank: int) -> tuple:
    """Returns one value for each axis from what `one_or_per_axis` returned."""
    return per_axis(name, value, rank, lambda _, v: v)
