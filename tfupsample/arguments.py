"""Checks of constructor arguments, shared by every public class."""

import operator


def one_of(name, value, choices):
    """Returns `value` if it is one of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"`{name}` must be one of {tuple(choices)}. Received: {value!r}"
        )
    return value


def positive_integer(name, value):
    """Returns `value` as an `int` of at least 1."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise ValueError(
            f"`{name}` must be an integer of at least 1. Received: {value!r}"
        )
    return number


def per_axis(name, value, rank, check):
    """Returns `rank` values: `value` for each axis, or one for each.

    Args:
        name: The argument's name, for the message.
        value: One value, or a list or tuple of `rank` values.
        rank: Number of spatial axes.
        check: Function of `(name, value)` that returns the value or raises.
    """
    values = value if isinstance(value, (list, tuple)) else (value,) * rank
    if len(values) != rank:
        raise ValueError(
            f"`{name}` must be one value or {rank}, one for each spatial axis. "
            f"Received: {value!r}"
        )
    return tuple(check(name, v) for v in values)


def one_or_per_axis(name, value, check):
    """Returns `value` checked, for a number of axes not yet known.

    One value stays one value, a list or tuple becomes a tuple.
    """
    if isinstance(value, (list, tuple)):
        return per_axis(name, value, len(value), check)
    return check(name, value)


def for_axes(name, value, rank):
    """Returns what `one_or_per_axis` gave as one value for each axis."""
    return per_axis(name, value, rank, lambda _, v: v)
