"""Damaged pictures: noise, and masks of missing pixels."""

import dataclasses

import numpy as np

from train.data.images import DataError
from train.data.picture import open_picture

MASKS = ("pixels", "rectangles")


@dataclasses.dataclass(frozen=True, eq=False)
class Problem:
    """A picture to restore; all arrays are float32 in [0, 1].

    Attributes:
        picture: The damaged picture, `(1, height, width, channels)`.
        mask: 1 for known and 0 for missing pixels, `(1, height, width, 1)`.
        clean: The picture without damage, or `None` if it is not known.
    """

    picture: np.ndarray
    mask: np.ndarray
    clean: np.ndarray | None


def noisy(clean: np.ndarray, sigma: float, seed: int = 0) -> Problem:
    """Returns a picture with noise; without, it counts as noisy already.

    Args:
        clean: `(height, width, channels)`.
        sigma: As for `add_noise`.
        seed: As for `add_noise`.
    """
    mask = np.ones_like(clean[..., :1])
    return _problem(
        add_noise(clean, sigma, seed), mask, clean if sigma else None
    )


def incomplete(clean: np.ndarray, mask: np.ndarray, known: bool) -> Problem:
    """Returns a picture with missing pixels.

    Args:
        clean: `(height, width, channels)`.
        mask: `(height, width, 1)`: 1 is known, 0 missing.
        known: Whether the missing pixels of `clean` can be trusted.
    """
    return _problem(clean * mask, mask, clean if known else None)


def _problem(
    picture: np.ndarray, mask: np.ndarray, clean: np.ndarray | None
) -> Problem:
    return Problem(
        picture[None], mask[None], None if clean is None else clean[None]
    )


def add_noise(picture: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    """Adds Gaussian noise and clips at black and white.

    Args:
        picture: Values in [0, 1].
        sigma: Standard deviation of the noise, in steps of 8 bits.
        seed: Seed of the noise.

    Returns:
        float32, of the same shape; not rounded to 8 bits.
    """
    noise = np.random.default_rng(seed).normal(size=picture.shape)
    return np.clip(picture + sigma / 255 * noise, 0, 1).astype("float32")


def missing_pixels(
    height: int, width: int, missing: float, seed: int = 0
) -> np.ndarray:
    """Returns a mask without a given share of the pixels, chosen at random.

    Args:
        height: Height of the picture.
        width: Width of the picture.
        missing: Share of missing pixels, 0 to 1; exact to the pixel.
        seed: Seed of the choice.

    Returns:
        `(height, width, 1)`, float32: 1 is known, 0 missing.
    """
    order = np.random.default_rng(seed).permutation(height * width)
    known = order >= round(missing * height * width)
    return known.astype("float32").reshape(height, width, 1)


def missing_rectangles(
    height: int, width: int, region: int, count: int = 1, seed: int = 0
) -> np.ndarray:
    """Returns a mask without `count` squares at random places.

    The squares do not touch the border of the picture, and may overlap.

    Args:
        height: Height of the picture.
        width: Width of the picture.
        region: Side of a square in pixels.
        count: Number of squares.
        seed: Seed of the places.

    Returns:
        `(height, width, 1)`, float32: 1 is known, 0 missing.

    Raises:
        ValueError: A square with a pixel around it does not fit.
    """
    if not 1 <= region <= min(height, width) - 2:
        raise ValueError(
            "`region` must be from 1 to the shorter side less 2, "
            f"{min(height, width) - 2}. Received: {region!r}"
        )
    rng = np.random.default_rng(seed)
    mask = np.ones((height, width, 1), "float32")
    for _ in range(count):
        top, left = (rng.integers(1, n - region) for n in (height, width))
        mask[top : top + region, left : left + region] = 0
    return mask


def mask_from_file(path: str, height: int, width: int) -> np.ndarray:
    """Reads a mask, in which pixels brighter than mid-grey are known.

    Args:
        path: A picture file of the size of the picture.
        height: Height of the picture.
        width: Width of the picture.

    Returns:
        `(height, width, 1)`, float32: 1 is known, 0 missing.

    Raises:
        DataError: The file cannot be read or has another size.
    """
    image = open_picture(path).convert("L")
    if image.size != (width, height):
        raise DataError(
            f"The mask {path} has {image.width}x{image.height} pixels, but the "
            f"picture has {width}x{height} (after --image_size)."
        )
    return (np.asarray(image)[..., None] > 127).astype("float32")
