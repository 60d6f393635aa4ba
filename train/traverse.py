"""Finds the direction in a generator's latents that changes one factor.

    python -m train.traverse RUN hue
    python -m train.traverse RUN size --distance=2

RUN is the folder of a finished run of train.stylegan2 or train.dcgan on shapes;
the factors are shape, size, x, y, hue, background and light. What train.factors
reads in random pictures tells a linear support vector machine in which
direction a factor changes, in z and in w. From there the direction is trained
(Jahanian et al. 2020) until more pictures follow it; --steps=0 leaves that out.
The run receives sheets of pictures moved along it (traverse_hue_z.png,
traverse_hue_w.png) and, in traverse_hue.json, how often new pictures follow the
direction and how far the other factors move with it. Status: 0 done, 2 unusable
arguments or run.
"""

import json
import pathlib
import sys

import numpy as np

from models import latent
from models.steering import steered
from tfupsample.commands.numbers import finite, integer_between, share
from tfupsample.errors import UnusableInput
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from tfupsample.model_files.atomic import new_file
from tfupsample.pretrained.truncation import truncated
from tfupsample.printable import printable
from train.engine.command import argument_parser
from train.engine.options import UsageError
from train.factors import (
    FACTORS,
    OUTPUTS,
    differences,
    margins,
    read,
    verdicts,
)
from train.networks.load import load_network

SAMPLES = 4096  # pictures from which a direction is found
TRAVERSALS = 256
STEPS = 256  # of the training of a direction
READER = "runs/factors-shapes/factors.keras"
_ROWS, _COLUMNS = 6, 9  # of a sheet
_STEPS = 17  # of an interpolation


def traverse(
    run,
    factor,
    distance=4.0,
    factors=READER,
    seed=0,
    truncation=1.0,
    steps=STEPS,
):
    """Writes sheets and measures of a direction into the folder of a run.

    Args:
        run: The folder of a finished run of a generator.
        factor: One of `FACTORS`.
        distance: How far to go each way, in standard deviations of the latents.
        factors: The network of `train.factors`, by name or path.
        seed: Seed of the latents.
        truncation: How far the styles of a StyleGAN2 lie from their mean, 0 to
            1: see `tfupsample.pretrained.truncation`.
        steps: Steps of `models.steering.steered`; 0: the direction of the
            support vector machine.

    Raises:
        UnusableInput: if a network cannot be loaded.
        UsageError: if the networks do not fit each other, or no direction can
            be found.
    """
    folder = pathlib.Path(run)
    generator = load_network(folder)
    reader = load_network(factors)
    if reader.output_shape != (None, OUTPUTS):
        raise UsageError(f"{factors} was not trained by train.factors.")
    if len(generator.inputs) != 1 or len(generator.input_shape) != 2:
        raise UsageError(
            f"{run} holds no generator of pictures from latents alone."
        )
    if generator.output_shape[1:] != reader.input_shape[1:]:
        raise UsageError(
            f"{factors} reads pictures of {reader.input_shape[1:]}; "
            f"the generator makes {generator.output_shape[1:]}."
        )
    if truncation != 1:
        generator = truncated(generator, truncation)
    rows = {}
    for name, space in latent.spaces(generator).items():
        direction = directions(space, reader, [factor], seed)[factor]
        if steps:
            direction = steer(
                space, reader, factor, direction, distance, steps, seed
            )
        rows[name] = along(space, reader, factor, direction, distance, seed)
        rows[name] |= between(space, reader, factor, seed)
        path = folder / f"traverse_{factor}_{name}.png"
        save_image(path, sheet(space, direction, distance, seed))
        print(f"Sheet:  {path}")
    path = folder / f"traverse_{factor}.json"
    with new_file(path) as file:
        file.write((json.dumps(rows, indent=2) + "\n").encode())
    print(f"Measures:  {path}\n\n{table(factor, rows)}")


def directions(space, reader, factors, seed=0):
    """Returns the direction of each factor, `{factor: (dimensions,)}`.

    Args:
        space: A `models.latent.Space`.
        reader: The network of `train.factors`.
        factors: Some of `FACTORS`.
        seed: Seed of the latents from whose pictures the directions are found.

    Raises:
        UsageError: if the verdict on all pictures is the same.
    """
    latents = space.sample(SAMPLES, np.random.default_rng(seed))
    found = read(reader, space.decode(latents))
    try:
        return {
            name: latent.find_direction(latents, verdicts(found, name), seed)
            for name in factors
        }
    except ValueError as error:
        raise UsageError(f"No direction: {error}") from error


def steer(space, reader, factor, direction, distance, steps=STEPS, seed=0):
    """Returns a direction along which more verdicts follow.

    Args:
        space: A `models.latent.Space` with a network.
        reader: The network of `train.factors`.
        factor: One of `FACTORS`.
        direction: Where it starts, `(dimensions,)`.
        distance: How far to go each way, in lengths of `direction`.
        steps: Steps of the training.
        seed: Seed of the latents, the same as those of `directions`.
    """
    return steered(
        lambda latents: margins(reader(space.network(latents)), factor),
        space.sample(SAMPLES, np.random.default_rng(seed)),
        direction,
        distance,
        steps,
        seed,
    )


def along(space, reader, factor, direction, distance=3.0, seed=0):
    """Measures what changes along a direction.

    Args:
        space: A `models.latent.Space`.
        reader: The network of `train.factors`.
        factor: One of `FACTORS`, which the direction is meant to change.
        direction: `(dimensions,)`.
        distance: How far to go each way, in lengths of `direction`.
        seed: Seed of the latents, which differ from those of `directions`.

    Returns:
        `{"follow_rate", "moved"}`: how often the verdict follows, from 0 to 1,
        and the distance of each factor between the two ends, where 0 is none
        and 1 that of two random pictures of the data set.
    """
    latents = space.sample(TRAVERSALS, np.random.default_rng((seed, 1)))
    ends = latent.traverse(latents, direction, (-distance, distance))
    back, front = (read(reader, space.decode(ends[:, i])) for i in (0, 1))
    answers = [verdicts(found, factor) for found in (back, front)]
    return {
        "follow_rate": latent.follow_rate(np.stack(answers, axis=1)),
        "moved": differences(back, front),
    }


def between(space, reader, factor, seed=0):
    """Measures where the verdict flips on the way between random latents.

    Args:
        space: A `models.latent.Space`.
        reader: The network of `train.factors`.
        factor: One of `FACTORS`.
        seed: Seed of the latents.

    Returns:
        `{"flips", "first_flip"}`: how often the verdict flips and where it
        flips first, from 0 to 1; means over the ways on which it flips, or
        `None` if it never does.
    """
    rng = np.random.default_rng((seed, 2))
    ends = (space.sample(TRAVERSALS, rng) for _ in range(2))
    paths = space.way(*ends, np.linspace(0, 1, _STEPS))

    def answers(latents):
        return verdicts(read(reader, space.decode(latents)), factor)

    flips = latent.flips(latent.on_paths(answers, paths))
    some = flips["count"] > 0
    if not some.any():
        return {"flips": None, "first_flip": None}
    return {
        "flips": float(flips["count"][some].mean()),
        "first_flip": float(flips["first"][some].mean()),
    }


def sheet(space, direction, distance=3.0, seed=0):
    """Returns a picture with a row for each latent, moved along a direction.

    Args:
        space: A `models.latent.Space`.
        direction: `(dimensions,)`.
        distance: Distance of the outer columns from the middle one.
        seed: Seed of the latents.
    """
    latents = space.sample(_ROWS, np.random.default_rng(seed + 1))
    steps = np.linspace(-distance, distance, _COLUMNS)
    images = latent.on_paths(
        space.decode, latent.traverse(latents, direction, steps)
    )
    flat = images.reshape(-1, *images.shape[2:])
    return arrays.picture(arrays.grid(arrays.to_uint8(flat), _COLUMNS))


def table(factor, rows):
    """Returns a table with a line per measure and a column per space."""
    lines = [" " * 36 + "".join(f"{name:>10}" for name in rows)]

    def line(label, get):
        values = "".join(
            f"{'-':>10}" if get(row) is None else f"{get(row):10.3f}"
            for row in rows.values()
        )
        lines.append(f"{label:36}{values}")

    line(f"verdict on {factor} follows", lambda row: row["follow_rate"])
    for name in next(iter(rows.values()))["moved"]:
        line(f"{name} moves", lambda row, name=name: row["moved"][name])
    line("flips on the way between two", lambda row: row["flips"])
    line("first flip after", lambda row: row["first_flip"])
    return "\n".join(lines)


def main():
    """Runs the command; returns its status."""
    parser = argument_parser("traverse", __doc__)
    parser.add_argument("run", help="folder of a finished run")
    parser.add_argument("factor", choices=FACTORS)
    parser.add_argument(
        "--distance",
        type=finite,
        default=4.0,
        help="how far to go each way, in standard deviations of the latents "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--factors",
        default=READER,
        help="network of train.factors, by name or path (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=integer_between(0, 2**32 - 1),
        default=0,
        help="seed of the latents (default: %(default)s)",
    )
    parser.add_argument(
        "--truncation",
        type=share,
        default=1.0,
        help="of a StyleGAN2: how far styles lie from their mean, 0 to 1 "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--steps",
        type=integer_between(0, 10**6),
        default=STEPS,
        help="steps of the training of the direction; 0: only that of the "
        "support vector machine (default: %(default)s)",
    )
    arguments = parser.parse_args()
    try:
        traverse(**vars(arguments))
    except (UnusableInput, UsageError) as error:
        print(printable(error), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
