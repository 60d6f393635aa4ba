"""Errors whose message is meant for the person at the keyboard."""

import traceback


class UnusableInput(ValueError):
    """A model, file or folder cannot be used; the message says what to do."""


def summary(error):
    """Returns an error in one line: its class, its message, where it arose."""
    lines = str(error).strip().splitlines()
    said = f"{type(error).__name__}: {lines[0]}" if lines else repr(error)
    frames = traceback.extract_tb(error.__traceback__)
    return said + (f" ({frames[-1].name})" if frames else "")
