"""What a repair did to a model: its outputs, their scores, its kernels."""

import numpy as np
from keras import ops

from tfupsample.errors import UnusableInput
from tfupsample.inspection.upsamplings import walk
from tfupsample.measures.artifacts import coherent_score, peak_prominence


def outputs(model, inputs):
    """Returns the outputs of a model as one float array.

    Raises:
        UnusableInput: if it has several outputs.
    """
    result = model.predict(inputs, batch_size=32, verbose=0)
    if not isinstance(result, np.ndarray):
        raise UnusableInput("The model must have one output to be measured.")
    return result


def data_range(images):
    """Returns the range PSNR refers to: of [0, 1], [-1, 1] or [0, 255].

    The smallest that holds all values; else the range of the values.
    """
    low, high = float(images.min()), float(images.max())
    for start, end in ((0, 1), (-1, 1), (0, 255)):
        if start <= low and high <= end:
            return end - start
    return high - low


def pictures(images, axis):
    """Returns outputs as pictures of 1 or 3 channels, channels last.

    Those of other channels become one grey picture for each channel; `None` if
    they are no images.
    """
    if images.ndim != 4:
        return None
    images = np.moveaxis(images, axis, -1)
    if images.shape[-1] in (1, 3):
        return images
    return np.moveaxis(images, -1, 1).reshape(-1, *images.shape[1:3], 1)


def moved(before, after):
    """Returns `{path: relative L2 distance}` of all kernels that changed."""
    old = dict(walk(before))
    distances = {}
    for path, layer in walk(after):
        kernel = getattr(layer, "kernel", None)
        other = getattr(old.get(path), "kernel", None)
        # `np.shape`, because a fixed filter has a kernel of plain numbers.
        if (
            kernel is None
            or other is None
            or np.shape(kernel) != np.shape(other)
        ):
            continue
        kernel, other = map(ops.convert_to_numpy, (kernel, other))
        distance = np.linalg.norm(kernel - other)
        if distance:
            distances[path] = float(distance / np.linalg.norm(other))
    return distances


def scores(images, period):
    """Returns the scores of pictures at a period, by name."""
    prominence = peak_prominence(images, period)
    return {
        "coherent": coherent_score(images, period),
        "prominence_db": prominence.mean,
        "worst_db": prominence.worst,
    }


def longest_period(images):
    """The longest period whose harmonics lie apart: 6 bins at least."""
    side = min(images.shape[1:3])
    return (side - 2 * (side // 8)) // 6
