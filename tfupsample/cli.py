"""The command `tfupsample`: finds, measures and repairs upsampling artifacts.

Status: 0 done and clean, 1 something was found or some files were unusable, 2
unusable arguments or files, 3 a defect of this program, 130 stopped by Ctrl-C.
"""

import argparse
import importlib
import sys

from tfupsample import environment
from tfupsample.errors import UnusableInput, summary
from tfupsample.printable import printable

COMMANDS = {
    "inspect": "find the layers of a model that paint a checkerboard or border",
    "repair": "repair a trained model without data or labels",
    "fuse": "make a model faster that resizes and then convolves",
    "score": "measure the artifact in pictures or sounds",
    "list": "list the trained models",
    "sample": "draw images with a trained generator",
    "apply": "run pictures through a trained model",
    "train": "train a model of the zoo; without a name, list the trainers",
    "explore": "write the interactive explorer as one HTML file",
}


def main(argv=None):
    """Runs a command; returns its exit status.

    Args:
        argv: Arguments after the program's name; `sys.argv[1:]` by default.
    """
    argv = sys.argv[1:] if argv is None else argv
    # Only the module of the command is imported: some are slow to import.
    name = next((word for word in argv if not word.startswith("-")), None)
    parser, commands = _parser()
    if name in COMMANDS:
        environment.prepare()
        module = importlib.import_module(f"tfupsample.commands.{name}")
        module.add_arguments(commands[name])
    arguments = parser.parse_args(argv)
    try:
        return module.run(arguments)
    except UnusableInput as error:
        print(printable(error), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    # A defect must not look like a finding.
    except Exception as error:
        print(
            f"Something unexpected happened: {printable(summary(error))}. "
            "This is a defect of tfupsample: please report this line.",
            file=sys.stderr,
        )
        return 3


def _parser():
    """Returns the parser, and those of the commands without arguments yet."""
    parser = argparse.ArgumentParser(
        "tfupsample",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND"
    )
    commands = {
        name: subparsers.add_parser(name, help=text, description=text)
        for name, text in COMMANDS.items()
    }
    return parser, commands


if __name__ == "__main__":
    sys.exit(main())
