"""Pictures of any size through a network of super-resolution."""

import sys

import numpy as np

from tfupsample.images import arrays
from tfupsample.images.files import SUFFIXES, save_image
from tfupsample.images.tiling import apply_tiled
from train.data.crops import read_picture
from train.engine.config import UsageError

TILE = 256


def scale_of(model):
    """Returns how many times larger a network makes its images.

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
        model: Of `models.super_resolution`.
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
    """How far each output pixel looks around, at most, in input pixels."""
    kernels = [getattr(layer, "kernel_size", 1) for layer in model.layers]
    bicubic = 2
    return bicubic + int(sum(np.max(kernel) // 2 for kernel in kernels))


def enlarge_file(model, path, output):
    """Writes the picture file `output`, `path` enlarged.

    Args:
        model: Of `models.super_resolution`.
        path: A picture; turned upright, transparent parts on white.
        output: Path to write; its suffix says the format.

    Raises:
        DataError: `path` cannot be read.
        UsageError: `output` has no suffix of a picture.
    """
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"--output must end in {', '.join(SUFFIXES)}. Received: {output}"
        )
    image = read_picture(path) / 127.5 - 1
    larger = arrays.to_uint8(enlarge(model, image, _show))
    save_image(output, arrays.picture(larger))


def _show(done, total):
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\rTile {done} of {total}", end=end, file=sys.stderr)
