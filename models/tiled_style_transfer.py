"""Stylises pictures of any size, tile by tile, as if in one piece.

Instance normalisation makes each pixel depend on the whole picture. So the mean
and variance of each normalisation are measured first, one normalisation after
the other, by averaging over all tiles while the earlier ones are held fixed;
then all are held fixed while the tiles are stylised. The result is that of the
whole picture, memory grows with the tile alone, and the time is about that of
`n / 2 + 1` passes for `n` normalisations.
"""

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import finite_array, positive_integer
from tfupsample.images.tiling import apply_tiled
from tfupsample.layers.reconfigured import cloned

from .conditional_instance_norm import ConditionalInstanceNormalization
from .style_transfer import STRIDE

_BLEND = 2  # cells over which one tile fades into the next


def stylise(model, image, shares, tile=768, progress=None):
    """Returns a stylised picture.

    Args:
        model: A `style_transfer.network`.
        image: `(height, width, 3)` in [-1, 1], of any size.
        shares: Share of each style, `(styles,)`.
        tile: Pixels a side up to which the picture is taken in one piece, and
            of the tiles of a larger one; more than twice the reach of the
            network (`reach`).
        progress: Called as `progress(done, total)` after each tile of each
            pass over a larger picture.

    Returns:
        float32 `(height, width, 3)`, not clipped to [-1, 1].

    Raises:
        ValueError: if the tile is too small for the network.
    """
    image = finite_array("image", image, ("height", "width", "channels"))
    shares = finite_array("shares", shares, ("styles",))
    tile = positive_integer("tile", tile)
    height, width = image.shape[:2]
    padding = [(0, -n % STRIDE) for n in (height, width)]
    image = np.pad(image, (*padding, (0, 0)), mode="symmetric")
    image = image.astype("float32")
    shares = shares.astype("float32")[None]
    if max(image.shape[:2]) <= tile:
        picture = ops.convert_to_numpy(model([image[None], shares]))[0]
    else:
        picture = _tiled(model, image, shares, tile, progress)
    return picture[:height, :width]


def reach(model):
    """Returns how far an output pixel sees, in pixels, or a little more.

    Args:
        model: A `style_transfer.network`.
    """
    kernels = [
        max(layer.kernel_size)
        for layer in model.layers
        if hasattr(layer, "kernel_size")
    ]
    blocks = (len(kernels) - 6) // 2
    # 8 pixels a block, 11 the other convolutions. The upsamplings see their
    # kernels at 1/4 and 1/2 of the size, bicubic ones 2 pixels more each.
    return 8 * blocks + 11 + 6 * (max(kernels[-3:-1]) // 2) + 12


def _normalises(layer):
    return isinstance(layer, ConditionalInstanceNormalization)


def _tiled(model, image, shares, tile, progress):
    """Pass by pass, in cells of `STRIDE` pixels a side instead of pixels."""
    held = cloned(
        model,
        clone_function=lambda layer: (
            _Held(layer) if _normalises(layer) else layer
        ),
    )
    layers = [layer for layer in held.layers if isinstance(layer, _Held)]
    cells = _to_cells(image)
    context = -(-reach(model) // STRIDE)

    def through(function, number):
        """Pass `number`, from 0."""

        def count(done, tiles):
            progress(number * tiles + done, (len(layers) + 1) * tiles)

        return apply_tiled(
            function,
            cells,
            tile // STRIDE,
            context,
            _BLEND,
            progress=count if progress else None,
        )

    for i, layer in enumerate(layers):
        part = keras.Model(held.inputs, layer.input[0])
        layer.moments = _picture_moments(
            through(
                lambda x, part=part: _cell_moments(
                    part([_to_pixels(x), shares]), x.shape
                ),
                i,
            )
        )
    stylised = through(
        lambda x: _to_cells(
            ops.convert_to_numpy(held([_to_pixels(x), shares]))
        ),
        len(layers),
    )
    return _to_pixels(stylised)


class _Held(keras.layers.Layer):
    """A normalisation whose mean and variance are held, once they are known."""

    def __init__(self, normalisation):
        super().__init__(autocast=False)
        self.normalisation = normalisation
        self.moments = None

    def call(self, inputs):
        given = [] if self.moments is None else [self.moments]
        return self.normalisation([*inputs, *given])


def _to_cells(images):
    """`(..., rows, columns, channels)` from `STRIDE` times as many pixels."""
    *batch, height, width, channels = images.shape
    rows, columns = height // STRIDE, width // STRIDE
    x = np.reshape(images, (*batch, rows, STRIDE, columns, STRIDE, channels))
    return np.swapaxes(x, -4, -3).reshape(*batch, rows, columns, -1)


def _to_pixels(cells):
    *batch, rows, columns, values = cells.shape
    x = np.reshape(cells, (*batch, rows, columns, STRIDE, STRIDE, -1))
    x = np.swapaxes(x, -4, -3)
    return x.reshape(*batch, STRIDE * rows, STRIDE * columns, x.shape[-1])


def _cell_moments(features, shape):
    """Mean and variance of the features over each cell, side by side."""
    x = ops.convert_to_numpy(ops.cast(features, "float32"))
    batch, rows, columns = shape[:3]
    side = x.shape[1] // rows
    x = x.reshape(batch, rows, side, columns, side, -1)
    pixels = {"axis": (2, 4), "dtype": "float64"}
    return np.concatenate([x.mean(**pixels), x.var(**pixels)], axis=-1)


def _picture_moments(cells):
    """Mean and variance, `(1, 2, channels)`, from `_cell_moments`.

    The variance is that within cells plus that between them. The mean of the
    squares less the square of the mean would be the difference of two large
    numbers, and could be negative.
    """
    means, variances = np.split(cells.astype("float64"), 2, axis=-1)
    variance = variances.mean(axis=(0, 1)) + means.var(axis=(0, 1))
    moments = np.stack([means.mean(axis=(0, 1)), variance])
    return moments[None].astype("float32")
