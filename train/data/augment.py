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
            images: uint8, shape (n, *sizes, channels).
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
    return np.where(per_picture(which, images), images[..., ::-1, :], images)


def per_picture(values: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Returns one value per picture, in a shape that fits `images`."""
    return values.reshape(-1, *[1] * (images.ndim - 1))


def shifted(
    images: np.ndarray, most: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns the pictures, each shifted by at most `most` pixels per axis."""
    count, *sizes, _ = images.shape
    margins = [(most, most)] * len(sizes)
    padded = np.pad(images, ((0, 0), *margins, (0, 0)), mode="symmetric")
    starts = rng.integers(0, 2 * most + 1, (len(sizes), count))
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, sizes, axis=tuple(range(1, 1 + len(sizes)))
    )
    return np.moveaxis(windows[np.arange(count), *starts], 1, -1)


def recoloured(
    images: np.ndarray, most: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns the pictures in other colours, clipped to 0..255."""
    brightness, contrast, saturation = (
        per_picture(factor, images)
        for factor in rng.uniform(1 - most, 1 + most, (3, len(images)))
    )
    grey = images.mean(axis=-1, keepdims=True)
    coloured = grey + saturation * (images - grey)
    pixels = tuple(range(1, images.ndim))
    middle = coloured.mean(axis=pixels, keepdims=True)
    changed = brightness * (middle + contrast * (coloured - middle))
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)
