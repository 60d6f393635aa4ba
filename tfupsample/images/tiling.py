"""Large pictures through a network in overlapping tiles, without seams."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from tfupsample.arguments import (
    check_function,
    finite_array,
    integer,
    positive_integer,
    scale_factor,
)


def apply_tiled(
    function: Callable[[Any], Any],
    image: ArrayLike,
    tile: int = 256,
    context: int = 16,
    blend: int = 8,
    scale: int = 1,
    multiple: int = 1,
    progress: Callable[[int, int], Any] | None = None,
) -> np.ndarray:
    """Applies a network to a picture of any size, tile by tile.

    The memory needed depends on the tile, not on the picture. Neighbouring
    tiles share `2 * context + blend` pixels: the `context` pixels next to a cut
    are discarded, and over the next `blend` pixels one tile fades into the
    other. The result equals that of the whole picture, up to rounding, if
    `context` is at least the reach of the network (half its receptive field)
    and `multiple` is its downsampling factor. A network that computes
    statistics of its whole input (instance normalisation) has no such reach;
    its tiles differ a little and fade into one another.

    The outer tiles end where the picture ends, so there the network pads as it
    does for the whole picture. Only `pad_mode="circular"` would need the other
    side of the picture: wrap the picture with `numpy.pad` first.

    Args:
        function: From `(1, rows, columns, channels)` to
            `(1, scale * rows, scale * columns, filters)`, such as a model of
            unknown height and width. It never sees more than `tile` rows or
            columns, nor more than four different shapes.
        image: `(height, width, channels)`, any unit.
        tile: Height and width of a tile including the shared pixels, in pixels
            of the image; rounded down to a `multiple`.
        context: Number of pixels of the image that a cut spoils, 0 or more.
        blend: Number of pixels of the image over which a tile fades into the
            next, at least 1.
        scale: Output pixels per pixel of the image along each axis, an integer.
        multiple: Tiles start at multiples of this many pixels: the total stride
            of a network that downsamples its input and enlarges it again.
        progress: Called as `progress(done, total)` after each tile.

    Returns:
        A float32 array `(scale * height, scale * width, filters)`.

    Raises:
        ValueError: if an argument is out of range, or the function returns
            another shape.
    """
    image = _picture(image)
    check_function("function", function)
    if progress is not None:
        check_function("progress", progress)
    scale = scale_factor("scale", scale)
    rows, columns = (
        _windows(size, tile, context, blend, multiple)
        for size in image.shape[:2]
    )
    row_weights, column_weights = (
        _weights(windows, context, blend, scale) for windows in (rows, columns)
    )
    result: Any = None
    total = len(rows) * len(columns)
    for done in range(total):
        i, j = divmod(done, len(columns))
        output = _call(function, image[rows[i], columns[j]], scale)
        if result is None:
            sides = (scale * n for n in image.shape[:2])
            result = np.zeros((*sides, output.shape[-1]), "float32")
        faded = row_weights[i][:, None, None] * column_weights[j][:, None]
        result[_scaled(rows[i], scale), _scaled(columns[j], scale)] += (
            faded * output
        )
        if progress:
            progress(done + 1, total)
    return result


def _picture(image):
    image = _array(image)
    if image.ndim != 3 or 0 in image.shape:
        raise ValueError(
            "`image` must have the shape (height, width, channels). "
            f"Received: {image.shape}"
        )
    return image


def _array(image):
    try:
        return np.asarray(image)
    except ValueError as error:  # rows of several lengths
        raise ValueError(
            f"`image` must be an array. Received: {type(image).__name__}"
        ) from error


def _windows(size, tile, context, blend, multiple):
    """Slices of an axis, equally long but for the last if it is misaligned."""
    multiple = positive_integer("multiple", multiple)
    tile = positive_integer("tile", tile) // multiple * multiple
    blend = positive_integer("blend", blend)
    shared = 2 * integer("context", context, 0) + blend
    step = (tile - shared) // multiple * multiple
    if step < 1:
        raise ValueError(
            "`tile` must be larger than `2 * context + blend` by at least "
            f"`multiple`. Received: tile={tile}, context={context}, "
            f"blend={blend}, multiple={multiple}"
        )
    if size <= tile:
        return [slice(0, size)]
    last = -((tile - size) // multiple) * multiple
    starts = [*range(0, size - tile, step), last]
    return [slice(start, min(start + tile, size)) for start in starts]


def _weights(windows, context, blend, scale):
    """Weights of the output pixels of each window, which sum to 1."""
    size = windows[-1].stop
    centres = (np.arange(scale * size) + 0.5) / scale
    ramps = np.zeros((len(windows), len(centres)))
    for ramp, window in zip(ramps, windows):
        before = centres - window.start if window.start else np.inf
        after = window.stop - centres if window.stop < size else np.inf
        nearest = np.minimum(before, after)
        ramp[:] = np.clip((nearest - context) / blend, 0, 1)
    shares = (ramps / ramps.sum(axis=0)).astype("float32")
    return [
        share[_scaled(window, scale)] for share, window in zip(shares, windows)
    ]


def _scaled(window, scale):
    return slice(scale * window.start, scale * window.stop)


def _call(function, part, scale):
    finite_array("image", part, ("height", "width", "channels"))
    output = ops.convert_to_numpy(function(part[None]))
    rows, columns = (scale * n for n in part.shape[:2])
    if output.ndim != 4 or output.shape[:3] != (1, rows, columns):
        raise ValueError(
            f"`function` must turn {(1, *part.shape)} into "
            f"(1, {rows}, {columns}, filters), as scale={scale}. "
            f"Received: {output.shape}"
        )
    return output[0].astype("float32")
