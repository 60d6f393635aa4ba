"""`tfupsample explore`: writes the interactive explorer."""

import pathlib

from tfupsample.report.explorer import explorer_page
from tfupsample.report.page import write_page


def add_arguments(parser):
    """Adds the arguments of the command."""
    parser.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("explorer.html"),
        help="the file to write (default: %(default)s)",
    )


def run(arguments):
    """Writes the file; returns the exit status."""
    write_page(arguments.output, explorer_page())
    print(arguments.output)
    return 0
