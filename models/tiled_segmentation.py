"""The segmentation of large images, in tiles."""

import numpy as np

from tfupsample.arguments import finite_array
from tfupsample.images.tiling import apply_tiled

from .crop_like import CropLike
from .segmentation import DOWN_KERNEL

_UP_REACH = 4  # pixels that a resampling by 2 sees beside its kernel, at most


def reach(model):
    """Returns how far an output pixel sees, in pixels, or a little more.

    Args:
        model: A `unet` without group normalisation.
    """
    depth = _depth(model)
    kernel = max(np.max(getattr(x, "kernel_size", 1)) for x in model.layers)
    # On each size two convolutions in the encoder and two in the decoder, the
    # upsampling, and the way down, which on the lowest size is all.
    each = 4 + 2 * (kernel // 2) + _UP_REACH + DOWN_KERNEL // 2
    return int(each * (2**depth - 1) + 2 * 2**depth)


def predict_tiled(model, image, tile=512, context=None, progress=None):
    """Returns the logits of a large image, computed in overlapping tiles.

    They are those of the whole image, up to rounding, but for group
    normalisation, whose statistics are those of each tile.

    Args:
        model: A `unet` for images of any size.
        image: `(height, width, channels)` in [-1, 1], of any size.
        tile: Pixels a side of the tiles; more than twice the context.
        context: How many pixels next to a cut are discarded; by default as many
            as the model reaches.
        progress: Called as `progress(done, total)` after each tile.

    Returns:
        float32 `(height, width, classes)`.

    Raises:
        ValueError: if the model takes volumes, or the tile is too small.
    """
    if len(model.inputs[0].shape) != 4:
        raise ValueError(
            "`model` must take images. Received: input shape "
            f"{model.inputs[0].shape}"
        )
    image = finite_array("image", image, ("height", "width", "channels"))
    return apply_tiled(
        model.predict_on_batch,
        image.astype("float32"),
        tile,
        reach(model) if context is None else context,
        multiple=1 << _depth(model),
        progress=progress,
    )


def _depth(model):
    """Returns how often a `unet` halves the sides."""
    return sum(isinstance(layer, CropLike) for layer in model.layers)
