"""`tfupsample sample NAME`: draws images with a trained generator."""

import pathlib

import numpy as np

from tfupsample.commands.numbers import integer_between, share
from tfupsample.errors import UnusableInput
from tfupsample.images.files import Picture, check_suffix, write
from tfupsample.printable import printable

_BATCH = 64


def add_arguments(parser):
    """Adds the arguments of the command."""
    parser.add_argument(
        "name", help="the name of a generator, from tfupsample list"
    )
    parser.add_argument(
        "-n",
        "--images",
        type=integer_between(1, 10**4),
        default=64,
        help="the number of images (default: %(default)s)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("grid.png"),
        help="the picture to write (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=integer_between(0, 2**32 - 1),
        default=0,
        help="the seed of the latents (default: %(default)s)",
    )
    parser.add_argument(
        "--truncation",
        type=share,
        default=1.0,
        help="of a StyleGAN2: how far styles lie from their mean; less than 1 "
        "gives more typical and less varied images (default: %(default)s)",
    )


def run(arguments):
    """Writes a grid of images; returns the exit status."""
    check_suffix(arguments.output)
    images = _images(
        arguments.name, arguments.images, arguments.seed, arguments.truncation
    )
    from tfupsample.images.arrays import grid

    write(arguments.output, Picture(grid(images), None))
    print(printable(arguments.output))
    return 0


def _images(name, count, seed, truncation):
    from tfupsample.pretrained.load import find_entry, load_pretrained

    entry = find_entry(name)
    if entry.kind != "generator":
        raise UnusableInput(f"{name} is a {entry.kind} and draws nothing.")
    if truncation == 1:
        draw = load_pretrained(name).serve
    else:
        from tfupsample.pretrained.truncation import truncated

        draw = truncated(load_pretrained(name, "keras"), truncation)
    (shape,) = entry.card["takes"].values()
    latents = np.random.default_rng(seed).normal(size=(count, *shape[1:]))
    latents = latents.astype("float32")
    images = np.concatenate(
        [draw(latents[i : i + _BATCH]) for i in range(0, count, _BATCH)]
    )
    return images.repeat(3 // images.shape[-1], axis=-1)
