"""The command of a trainer, as the user typed it."""

import argparse
import sys


def argument_parser(name, description):
    """Returns the parser of `python -m train.NAME`, still without arguments.

    Args:
        name: The name of the module.
        description: The docstring of the module, which `--help` shows.
    """
    return argparse.ArgumentParser(
        as_typed(f"python -m train.{name}"),
        description=as_typed(description),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def as_typed(text):
    """Returns a text whose commands start trainers as this one was started.

    Args:
        text: Says `python -m train.NAME`, which becomes `tfupsample train NAME`
            where the user typed that.
    """
    if sys.argv[0].startswith("tfupsample train "):
        return text.replace("python -m train.", "tfupsample train ")
    return text
