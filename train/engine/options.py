"""Settings as flags: how a field of a dataclass becomes one, and its errors."""

import contextlib
import dataclasses


class UsageError(Exception):
    """An argument cannot be used; the message is for the user."""


@contextlib.contextmanager
def usage_errors():
    """Turns a `ValueError` of a model into a `UsageError`."""
    try:
        yield
    except ValueError as error:
        raise UsageError(str(error)) from error


def option(
    default, doc, choices=None, least=0, most=2**31 - 1, may_differ=False
):
    """Returns a dataclass field that is also a flag.

    Args:
        default: A bool, int, float or str.
        doc: The text for `--help`.
        choices: The allowed values of a string; any by default.
        least: The smallest allowed number.
        most: The largest allowed number; infinity is never allowed.
        may_differ: Whether a run may be resumed with another value, because it
            does not change what the model learns.
    """
    metadata = {
        "doc": doc,
        "choices": choices,
        "bounds": (least, most),
        "may_differ": may_differ,
    }
    return dataclasses.field(default=default, metadata=metadata)


def refuse_unused(config, names, reason):
    """Refuses settings that would have no effect.

    Args:
        config: The settings.
        names: The settings that nothing reads.
        reason: Ends the sentence "--name has no effect".

    Raises:
        UsageError: if one of them differs from its default.
    """
    for field in dataclasses.fields(config):
        if field.name in names and getattr(config, field.name) != field.default:
            raise UsageError(f"--{field.name} has no effect {reason}.")
