"""Random changes to training pictures that keep what they show."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """Changes each picture of a batch at random.

    Attributes:
        flip: Mirror half of the pictures left to right.
        crop: Shift by up to this many pixels along each axis; what comes into
            view mirrors the border.
        colour: Multiply brightness, contrast and saturation by factors that
            differ from 1 by at most `colour`.
    """

    flip: bool = False
    crop: int = 0
    colour: float = 0.0

    def __call__(
        self, images: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Returns changed pictures.

        Args:
            images: uint8, shape (n, height, width, channels).
            rng: Source of randomness.
        """
        if self.flip:
            images = mirrored(images, rng.random(len(images)) < 0.5)
        if self.crop:
            images = shifted(images, self.crop, rng)
        if self.colour:
            images = recoloured(images, self.colour, rng)
        return images


def mirrored(images: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Returns the pictures, those at `which` mirrored left to right."""
    return np.where(which[:, None, None, None], images[:, :, ::-1], images)


def shifted(
    images: np.ndarray, most: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns the pictures, each shifted by at most `most` pixels per axis."""
    count, height, width, _ = images.shape
    margin = (most, most)
    padded = np.pad(images, ((0, 0), margin, margin, (0, 0)), mode="symmetric")
    down, right = rng.integers(0, 2 * most + 1, (2, count))
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (height, width), axis=(1, 2)
    )
    return np.moveaxis(windows[np.arange(count), down, right], 1, -1)


def recoloured(
    images: np.ndarray, most: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns the pictures in other colours, clipped to 0..255."""
    factors = rng.uniform(1 - most, 1 + most, (3, len(images)))
    brightness, contrast, saturation = factors[..., None, None, None]
    grey = images.mean(axis=-1, keepdims=True)
    coloured = grey + saturation * (images - grey)
    middle = coloured.mean(axis=(1, 2, 3), keepdims=True)
    changed = brightness * (middle + contrast * (coloured - middle))
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)
