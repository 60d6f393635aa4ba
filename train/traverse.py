"""Directions of a latent space that change one factor of `shapes`.

Verdicts about random pictures, by the network of `train.factors`, tell a linear
support vector machine in which direction of the latents a factor changes.
Measured are how often the verdict about new pictures follows that direction and
how much the other factors move with it, in every latent space of the generator.
"""

import dataclasses
import pathlib

import numpy as np

from models import latent
from tfupsample.errors import UnusableInput
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from tfupsample.model_files.atomic import write_json
from tfupsample.model_files.loading import load_keras
from train.engine.config import UsageError, option
from train.factors import differences, known, read, verdicts

SAMPLES = 4096  # pictures from which a direction is found
TRAVERSALS = 256
_ROWS, _COLUMNS = 6, 9  # of a sheet
_STEPS = 17  # of an interpolation


@dataclasses.dataclass(frozen=True)
class TraverseConfig:
    """What a trainer of a generator draws instead of training it."""

    traverse: str = option(
        "",
        "Instead of training: find and draw the direction of this factor of "
        "shapes (shape, size, x, y, hue, background or light) in the latents "
        "of --workdir/generator.keras.",
    )
    distance: float = option(
        3.0, "How far to go each way, in standard deviations of the latents."
    )
    factors: str = option(
        "runs/factors-shapes/factors.keras",
        "What reads factors from pictures; made by train.factors.",
    )


def traverse(config):
    """Writes sheets and measures of a direction into `config.workdir`.

    Args:
        config: The settings, a `TraverseConfig` with a `workdir` and a `seed`.

    Raises:
        UsageError: if a file or the factor cannot be used.
    """
    factor = known(config.traverse)
    folder = pathlib.Path(config.workdir)
    generator = _load(folder / "generator.keras", "train the generator first")
    reader = _load(config.factors, "make it with python -m train.factors")
    if generator.output_shape[1:] != reader.input_shape[1:]:
        raise UsageError(
            f"{config.factors} reads pictures of {reader.input_shape[1:]}; "
            f"the generator makes {generator.output_shape[1:]}."
        )
    rows = {}
    for name, space in latent.spaces(generator).items():
        what = space, reader, factor
        direction = directions(space, reader, [factor], config.seed)[factor]
        rows[name] = along(*what, direction, config.distance, config.seed)
        rows[name] |= between(*what, config.seed)
        path = folder / f"traverse_{factor}_{name}.png"
        drawn = sheet(space, direction, config.distance, config.seed)
        save_image(path, drawn)
        print(f"Sheet:  {path}")
    path = folder / f"traverse_{factor}.json"
    write_json(path, rows)
    print(f"Measures:  {path}\n\n{table(factor, rows)}")


def _load(path, advice):
    try:
        return load_keras(path)
    except UnusableInput as error:
        raise UsageError(f"{error} ({advice}.)") from error


def directions(space, reader, factors, seed=0):
    """Returns factor to its direction, `(dimensions,)`.

    Args:
        space: A `models.latent.Space`.
        reader: The network of `train.factors`.
        factors: Of `FACTORS`.
        seed: Of the latents from whose pictures they are found.

    Raises:
        UsageError: if all pictures give the same verdict.
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


def along(space, reader, factor, direction, distance=3.0, seed=0):
    """Measures what changes along a direction.

    Args:
        space: A `models.latent.Space`.
        reader: The network of `train.factors`.
        factor: Of `FACTORS`; what the direction is meant to change.
        direction: `(dimensions,)`.
        distance: To go each way, in lengths of `direction`.
        seed: Of the latents; others than those of `directions`.

    Returns:
        `{"follow_rate", "moved"}`: how often the verdict follows, 0 to 1; and
        the distance of each factor between the two ends, 0: none, 1: as between
        two random pictures of the data set.
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
    """Measures where a verdict flips between random latents.

    Args:
        space: A `models.latent.Space`.
        reader: The network of `train.factors`.
        factor: Of `FACTORS`.
        seed: Of the latents.

    Returns:
        `{"flips", "first_flip"}`: means over the ways on which it flips, of how
        often, and of where first, from 0 to 1; `None` if it never does.
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
    """Returns a picture: a row for each latent, moved along a direction.

    Args:
        space: A `models.latent.Space`.
        direction: `(dimensions,)`.
        distance: Of the outer columns from the middle one.
        seed: Of the latents.
    """
    latents = space.sample(_ROWS, np.random.default_rng(seed + 1))
    steps = np.linspace(-distance, distance, _COLUMNS)
    images = latent.on_paths(
        space.decode, latent.traverse(latents, direction, steps)
    )
    flat = images.reshape(-1, *images.shape[2:])
    return arrays.picture(arrays.grid(arrays.to_uint8(flat), _COLUMNS))


def table(factor, rows):
    """Returns text: a line for each measure, a column for each space."""
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
