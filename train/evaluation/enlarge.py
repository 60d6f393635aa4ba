"""Enlarges pictures of any size with a network of super-resolution."""

import numpy as np

from tfupsample.images.tiling import apply_tiled

TILE = 256


def scale_of(model):
    """Returns the factor by which a network enlarges its images.

    Args:
        model: Any `keras.Model`.

    Raises:
        ValueError: if it does not enlarge colour images of any size.
    """
    if model.input_shape != (None, None, None, 3):
        raise ValueError(
            "The model must enlarge colour images of any size. Received: "
            f"input shape {model.input_shape}"
        )
    return model.compute_output_shape((1, 8, 8, 3))[1] // 8


def enlarge(model, image, progress=None):
    """Returns the enlarged image, computed in tiles where it is large.

    Args:
        model: A network of `models.super_resolution`.
        image: `(height, width, 3)` in [-1, 1].
        progress: Called as `progress(done, total)` after each tile.

    Returns:
        `(scale * height, scale * width, 3)`, float32, not clipped.
    """
    context = _reach(model)
    return apply_tiled(
        model.predict_on_batch,
        np.asarray(image, "float32"),
        TILE + 2 * context,
        context,
        scale=scale_of(model),
        progress=progress,
    )


def _reach(model):
    """Returns how many input pixels away an output pixel may look."""
    kernels = [getattr(layer, "kernel_size", 1) for layer in model.layers]
    bicubic = 2
    return bicubic + int(sum(np.max(kernel) // 2 for kernel in kernels))
