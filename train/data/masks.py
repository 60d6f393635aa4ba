"""What masks are: pictures of the index of a class in every pixel."""

import numpy as np
from PIL import Image

from tfupsample.images.masks import VOID
from train.data.images import DataError, fit


def numbered(masks: np.ndarray) -> tuple[str, ...]:
    """Returns names for as many classes as masks count from 0.

    Raises:
        DataError: There are fewer than two.
    """
    most = int(masks[masks != VOID].max(initial=0))
    if not most:
        raise DataError(
            f"The masks must hold at least the classes 0 and 1; {VOID} counts "
            f"as none. Received: {np.unique(masks).tolist()}."
        )
    return tuple(f"class {index}" for index in range(most + 1))


def fit_mask(mask: np.ndarray, image_size: int) -> np.ndarray:
    """Crops the central square and takes the nearest pixels, as `fit` does.

    Args:
        mask: uint8 `(height, width)`.
        image_size: Side of the result in pixels.
    """
    picture = Image.fromarray(mask)
    return fit(picture, image_size, Image.Resampling.NEAREST)[..., 0]
