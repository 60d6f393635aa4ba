"""Which directions in the latents of a StyleGAN2 its pictures follow.

    python -m train.factors --workdir=runs/factors
    python -m benchmarks.steering runs/factors/factors.keras

Of the pretrained `stylegan2_shapes64`, for hue and size: the normal of a
support vector machine, from 2,048 to 16,384 pictures, and what
`models.steering` makes of it, trained to reach `STEERED` standard deviations;
in z and in w, and in w with styles truncated to 0.7. Each is the share of 256
new latents whose verdict is no at the back end and yes at the front end. How
well a plane parts the latents, and how well a curved border (a machine with
radial kernels) does, says what a straight direction can reach. Results go to
`results/steering.json`.
"""

import argparse

import numpy as np
from sklearn.svm import SVC, LinearSVC

import models.stylegan2  # noqa: F401  registers its layers
from benchmarks import timing
from models import latent
from tfupsample import load_pretrained
from tfupsample.model_files.loading import load_keras
from tfupsample.pretrained.truncation import truncated
from train import traverse
from train.factors import read, verdicts

MODEL = "stylegan2_shapes64"
FACTORS, DISTANCES, STEERED = ("hue", "size"), (1, 2, 3, 4, 5, 6), (6,)
PICTURES = (2048, 4096, 8192, 16384)


def followed(space, reader, factor, direction):
    """Returns by distance how often the verdict follows, and what moves."""
    rows = {
        str(distance): traverse.along(
            space, reader, factor, direction, distance
        )
        for distance in DISTANCES
    }
    return {
        "follow_rate": {d: row["follow_rate"] for d, row in rows.items()},
        "moved": rows[str(DISTANCES[-1])]["moved"],
    }


def of_space(space, reader):
    """Returns the rows of both factors in one space."""
    return {factor: of_factor(space, reader, factor) for factor in FACTORS}


def of_factor(space, reader, factor):
    """Returns what follows the directions of one factor."""
    normal = traverse.directions(space, reader, [factor])[factor]
    rows = {"plane": followed(space, reader, factor, normal)}
    for distance in STEERED:
        way = traverse.steer(space, reader, factor, normal, distance)
        rows[f"trained to {distance}"] = followed(space, reader, factor, way)
    print(factor, {n: r["follow_rate"] for n, r in rows.items()}, flush=True)
    return rows


def by_pictures(space, reader):
    """Returns how often w follows the normal of more or fewer pictures."""
    latents = space.sample(max(PICTURES), np.random.default_rng(0))
    found = read(reader, space.decode(latents))
    return {
        factor: {
            str(n): followed(
                space,
                reader,
                factor,
                latent.find_direction(latents[:n], verdicts(found, factor)[:n]),
            )["follow_rate"]
            for n in PICTURES
        }
        for factor in FACTORS
    }


def parted(space, reader, count=4096):
    """Returns the share of new latents that a plane and a curve part right."""
    latents = space.sample(2 * count, np.random.default_rng(0))
    found = read(reader, space.decode(latents))
    white = latent.whitened(latents)[0]
    machines = {
        "plane": LinearSVC(C=0.1, dual=False),
        "curve": SVC(C=1.0, kernel="rbf"),
    }
    rows = {}
    for factor in FACTORS:
        answers = verdicts(found, factor)
        rows[factor] = {
            name: machine.fit(white[:count], answers[:count]).score(
                white[count:], answers[count:]
            )
            for name, machine in machines.items()
        }
    return rows


def main():
    """Measures the model and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("factors", help="factors.keras of train.factors")
    reader = load_keras(parser.parse_args().factors)
    generator = load_pretrained(MODEL, kind="keras")
    spaces = latent.spaces(generator)
    short = latent.spaces(truncated(generator, 0.7))["w"]
    results = {
        "model": MODEL,
        "parted": parted(spaces["w"], reader),
        "pictures": by_pictures(spaces["w"], reader),
        "spaces": {
            name: of_space(space, reader)
            for name, space in (spaces | {"w truncated": short}).items()
        },
    }
    timing.record("steering", results)


if __name__ == "__main__":
    main()
