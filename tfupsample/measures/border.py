"""What padding does to the border of an image, and how far in it reaches.

Rings are one pixel wide and count from the edge inwards; ring 0 is outermost.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from tfupsample.arguments import finite_array, positive_integer


class BorderError(NamedTuple):
    """How a border differs from what it would be with more context.

    Attributes:
        psnr: `(rings,)` in dB; infinite where nothing differs.
        width: The number of rings, in pixels of the output, from the edge to
            the last ring that differs by more than 1 % of the range of values
            (40 dB); 0 if none does.
    """

    psnr: np.ndarray
    width: int


class BorderDeviation(NamedTuple):
    """How generated images differ at the border from their interior.

    Attributes:
        mean: `(rings,)` deviation of the mean, in standard deviations of the
            interior.
        spread: `(rings,)` deviation of the standard deviation, in the same
            unit.
    """

    mean: np.ndarray
    spread: np.ndarray


def border_error(
    function: Callable[[Any], Any],
    image: ArrayLike,
    size: int,
    multiple: int = 1,
) -> BorderError:
    """Compares a fully convolutional model with and without context.

    The model sees a crop of the image, where its padding must invent what lies
    beyond the crop, and then the whole image, where it need not. Within the
    crop, both results should be the same.

    Args:
        function: A function from `(1, height, width, channels)` to images of
            proportional size.
        image: `(height, width, channels)`, larger than the crop by at least the
            receptive field of the model on each side.
        size: Side of the crop, in pixels.
        multiple: The crop starts at a multiple of this many pixels: the total
            stride of the model, as otherwise its phases would not match.

    Returns:
        A `BorderError`, relative to the range of values in the crop, with half
        as many rings as the result of the crop has pixels per side.

    Raises:
        ValueError: if the crop does not fit, or the output is not proportional
            to the input.
    """
    finite_array("image", image, ("height", "width", "channels"))
    image = np.asarray(image)
    size = positive_integer("size", size)
    multiple = positive_integer("multiple", multiple)
    if size + 2 * multiple > min(image.shape[:2]):
        raise ValueError(
            f"`image` must be larger than size={size} by multiple={multiple} "
            f"on each side. Received: {image.shape}"
        )
    start = [(n - size) // 2 // multiple * multiple for n in image.shape[:2]]
    crop = image[start[0] : start[0] + size, start[1] : start[1] + size]
    from_crop, from_image = (
        ops.convert_to_numpy(function(x[None]))[0].astype("float64")
        for x in (crop, image)
    )
    window = _window(from_image, from_crop.shape, start, size, image.shape)
    squares = np.mean((from_crop - window) ** 2, axis=-1)
    errors = np.array(
        [squares[ring].mean() for ring in ring_masks(from_crop.shape)]
    )
    shares = np.sqrt(errors) / max(np.ptp(window), np.finfo(float).tiny)
    with np.errstate(divide="ignore"):
        psnr = -20 * np.log10(shares)
    beyond = np.flatnonzero(shares > 0.01)
    return BorderError(psnr, int(beyond[-1]) + 1 if len(beyond) else 0)


def _window(result, shape, start, size, image_shape):
    """Returns the part of the result for the image that the crop shows."""
    places = [n * shape[0] for n in (*start, *image_shape[:2])]
    if any(n % size for n in places) or result.shape[:2] != tuple(
        n // size for n in places[2:]
    ):
        raise ValueError(
            "`function` must make images of a size proportional to its input, "
            f"by whole pixels. Received: {shape} for a crop of {size} pixels "
            f"from {start}, {result.shape} for {image_shape}"
        )
    row, column = (n // size for n in places[:2])
    return result[row : row + shape[0], column : column + shape[1]]


def border_deviation(images: ArrayLike) -> BorderDeviation:
    """Measures how far the border of generated images is from their interior.

    At each position, take the mean and the standard deviation over the images.
    Their average over a ring, less their average over the interior (the middle
    half of each side), is divided by the standard deviation of the interior;
    over the channels, take the root mean square.

    Args:
        images: `(batch, height, width, channels)`, at least two, any unit.

    Returns:
        A `BorderDeviation` with a quarter as many rings as the shorter side has
        pixels; both parts are 0 where a ring is like the interior. Data with
        centred content (faces) deviate by themselves: compare with them.

    Raises:
        ValueError: for another shape, fewer than two images, or fewer than 8
            pixels a side.
    """
    images = finite_array("images", images)
    if len(images) < 2 or min(images.shape[1:3]) < 8:
        raise ValueError(
            "`images` must be at least two of at least 8 pixels a side. "
            f"Received: {images.shape}"
        )
    mean, spread = images.mean(axis=0), images.std(axis=0)
    interior = tuple(slice(n // 4, n - n // 4) for n in images.shape[1:3])
    unit = np.maximum(spread[interior].mean((0, 1)), np.finfo(float).tiny)
    count = min(images.shape[1:3]) // 4
    return BorderDeviation(
        *(
            np.array(
                [
                    _root_mean_square(
                        (values[ring].mean(0) - values[interior].mean((0, 1)))
                        / unit
                    )
                    for ring in ring_masks(mean.shape)[:count]
                ]
            )
            for values in (mean, spread)
        )
    )


def _root_mean_square(values):
    return np.sqrt(np.mean(values**2))


def ring_masks(shape: Sequence[int]) -> list[np.ndarray]:
    """Returns masks `(height, width)` of the rings, the outermost first."""
    height, width = shape[:2]
    rows, columns = np.arange(height), np.arange(width)
    distance = np.minimum(
        np.minimum(rows, rows[::-1])[:, None],
        np.minimum(columns, columns[::-1]),
    )
    return [distance == ring for ring in range(min(height, width) // 2)]
