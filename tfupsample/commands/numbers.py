"""Number types for `argparse` whose errors say what they expect."""

import argparse
import math
from collections.abc import Callable


def integer_between(least: int, most: int) -> Callable[[str], int]:
    """Returns an argparse type: an integer from `least` to `most`."""

    def parse(text):
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(
                f"must be an integer from {least} to {most}. Received: {text}"
            )
        return number

    return parse


def share(text: str) -> float:
    """An argparse type: a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(
            f"must be a number from 0 to 1. Received: {text}"
        )
    return number


def finite(text: str) -> float:
    """An argparse type: a finite number."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(
            f"must be a finite number. Received: {text}"
        )
    return number
