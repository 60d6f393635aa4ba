"""The outputs and kernels of a model, as a repair is measured by them."""

import keras
import numpy as np
from keras import ops

from tfupsample.inspection.upsamplings import walk
from tfupsample.layers.resize_conv import ResizeConv
from tfupsample.repair.surgery import composite_kernel


def run_model(model, inputs):
    """Returns the output of a model that repairs are measured by, as floats.

    Of several outputs it is the largest one that has the shape of pictures, or
    the largest one of all.
    """
    outputs = model.predict(inputs, batch_size=32, verbose=0)
    arrays = keras.tree.flatten(outputs)
    return max(arrays, key=lambda array: (array.ndim == 4, array.size))


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
    """Returns `{path: relative L2 distance}` of all kernels that changed.

    Where a resize-convolution stands for a transposed convolution, it is the
    distance between the old kernel and the composite of the new one.
    """
    old = dict(walk(before))
    distances = {}
    for path, layer in walk(after):
        kernel, other = _kernel(layer), _kernel(old.get(path))
        if kernel is None or other is None:
            continue
        if isinstance(layer, ResizeConv) and not isinstance(
            old[path], ResizeConv
        ):
            kernel = composite_kernel(layer, old[path].kernel_size)
        distance = np.linalg.norm(kernel - other)
        if distance:
            distances[path] = float(distance / np.linalg.norm(other))
    return distances


def _kernel(layer):
    """The kernel that a layer trains, or `None`."""
    kernel = getattr(layer, "kernel", None)
    return None if kernel is None else ops.convert_to_numpy(kernel)
