"""Low resolution, made as in the papers on super-resolution."""

import functools

import numpy as np

from tfupsample.ops.phase_form import bicubic


def imresize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes as MATLAB's `imresize(image, [height width], "bicubic")`.

    The kernel is Keys' cubic with a = -0.5, at half-pixel centres. If the
    picture becomes smaller, the kernel is stretched by the factor, so that
    nothing aliases. The border is mirrored, with the edge pixel repeated.

    Args:
        image: `(rows, columns, channels)`, any unit.
        height: Rows of the result.
        width: Columns of the result.

    Returns:
        `(height, width, channels)`, float64; the cubic overshoots at edges.
    """
    narrow = np.einsum(
        "ij,kjc->kic", _matrix(image.shape[1], width), image, optimize=True
    )
    return np.einsum(
        "ij,jkc->ikc", _matrix(image.shape[0], height), narrow, optimize=True
    )


@functools.lru_cache(maxsize=16)
def _matrix(size, new_size):
    """Returns what each new pixel takes from each old one."""
    scale = new_size / size
    stretch = min(scale, 1)
    centres = (np.arange(new_size) + 0.5) / scale - 0.5
    taps = np.arange(int(np.ceil(4 / stretch)) + 2)
    places = np.floor(centres - 2 / stretch).astype(int)[:, None] + taps
    weights = bicubic(stretch * (centres[:, None] - places))
    mirrored = places % (2 * size)
    mirrored = np.minimum(mirrored, 2 * size - 1 - mirrored)
    matrix = np.zeros((new_size, size))
    np.add.at(matrix, (np.arange(new_size)[:, None], mirrored), weights)
    return matrix / matrix.sum(axis=1, keepdims=True)


def cropped(image: np.ndarray, scale: int) -> np.ndarray:
    """Returns the upper left part whose sides are multiples of `scale`."""
    height, width = (n // scale * scale for n in image.shape[:2])
    return image[:height, :width]


def low_resolution(image: np.ndarray, scale: int) -> np.ndarray:
    """Makes a picture `scale` times smaller by `imresize`.

    Args:
        image: `(height, width, channels)`, sides that are multiples of `scale`.
        scale: Integer, at least 1.

    Returns:
        `(height // scale, width // scale, channels)`: 8 bits if `image` has 8
        bits, otherwise float64.
    """
    small = imresize(image, image.shape[0] // scale, image.shape[1] // scale)
    if image.dtype == np.uint8:
        return np.clip(np.rint(small), 0, 255).astype(np.uint8)
    return small
