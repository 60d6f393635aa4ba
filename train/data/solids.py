"""Volumes with solids that cut into one another, and their masks."""

import numpy as np

SPLITS = {"train": 600, "test": 100}
"""Number of volumes in each split."""
_FEWEST, _MOST = 2, 5  # solids in a volume
_GRAIN = 0.1  # standard deviation of the noise in each voxel
_EDGE_VOXELS = 1.5


def ball(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Distance to a ball of radius 1, negative inside."""
    return np.sqrt(x**2 + y**2 + z**2) - 1


def box(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Distance to a cube of the volume of the ball."""
    return np.maximum(np.maximum(abs(x), abs(y)), abs(z)) - 0.806


def cylinder(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Distance to a long cylinder of the volume of the ball."""
    return np.maximum(np.hypot(x, y) - 0.7, abs(z) - 1.361)


def torus(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Distance to a torus of the volume of the ball."""
    return np.hypot(np.hypot(x, y) - 1, z) - 0.461


SOLIDS = {"ball": ball, "box": box, "cylinder": cylinder, "torus": torus}
CLASSES = ("ground", *SOLIDS)


def solids(
    side: int, split: str, count: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Makes the first volumes of a split.

    A volume depends on its size, seed, split and index alone.

    Args:
        side: Voxels a side.
        split: A key of `SPLITS`.
        count: How many volumes.
        seed: Another seed gives other volumes.

    Returns:
        The volumes, uint8 `(count, side, side, side, 1)`, and their masks,
        uint8 `(count, side, side, side)`, of indices in `CLASSES`.
    """
    part = [*SPLITS].index(split)
    volumes = np.empty((count, side, side, side, 1), np.uint8)
    masks = np.empty(volumes.shape[:-1], np.uint8)
    for index in range(count):
        rng = np.random.default_rng((seed, part, index))
        volumes[index, ..., 0], masks[index] = volume(side, rng)
    return volumes, masks


def volume(
    side: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Puts solids of random kinds, turned at random, into one another.

    All kinds are equally likely and as large, and the greys of solids and
    ground come from one distribution, so only the form tells the kinds.

    Returns:
        The volume and its mask, uint8 `(side, side, side)`.
    """
    grey = np.full((side,) * 3, rng.random(), np.float32)
    mask = np.zeros(grey.shape, np.uint8)
    count = rng.integers(_FEWEST, _MOST + 1)
    for kind in rng.integers(len(SOLIDS), size=count):
        radius = rng.uniform(0.17, 0.28)
        distance = [*SOLIDS.values()][kind](*_turned(side, radius, rng))
        edges = distance * (radius * side / _EDGE_VOXELS)
        opacity = np.clip(0.5 - edges, 0, 1)
        grey += opacity * (rng.random(dtype=np.float32) - grey)
        mask[opacity > 0.5] = 1 + kind
    grey += rng.normal(0, _GRAIN, grey.shape)
    return np.round(255 * np.clip(grey, 0, 1)).astype(np.uint8), mask


def _turned(side, radius, rng):
    """Coordinates of the voxels in a frame of random place and direction."""
    place = (np.arange(side, dtype=np.float32) + 0.5) / side
    centre = rng.uniform(0.1, 0.9, 3)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    x, y, z = (
        np.float32((place - c) / radius).reshape(shape)
        for c, shape in zip(centre, ((-1, 1, 1), (1, -1, 1), (1, 1, -1)))
    )
    return [a * x + b * y + c * z for a, b, c in np.float32(axes)]
