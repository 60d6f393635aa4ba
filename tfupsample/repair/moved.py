"""How far a repair moved the kernels of a model."""

import re

import numpy as np
from keras import ops

from tfupsample.inspection.keras_graph import layers_inside
from tfupsample.inspection.upsamplings import find_upsamplings
from tfupsample.layers.resize_conv import ResizeConv
from tfupsample.repair.composite_kernel import composite_kernel
from tfupsample.repair.methods import normalisation_gain

_AROUND = re.compile(r"([^/]+)_(resized|smoothed)/(?=\1$)")


def moved(before, after):
    """Returns `{path: relative L2 distance}` of all kernels that changed.

    Where other layers do the work of a kernel, the distance is that to the
    kernel with which the layer itself would do what they do: the composite of
    a resize-convolution, or the kernel filtered by the mean that follows it.
    A normalisation before a depth-to-space counts as part of the kernel.
    """
    old, gains = dict(layers_inside(before)), _gains(before)
    new_gains = _gains(after)
    distances = {}
    for path, layer in layers_inside(after):
        around = None if path in old else _AROUND.search(path)
        path = _AROUND.sub("", path) if around else path
        kernel, other = _kernel(layer), _kernel(old.get(path))
        if kernel is None or other is None:
            continue
        if around and around[2] == "smoothed":
            kernel, other = _with_mean(layer, kernel, other)
        elif isinstance(layer, ResizeConv) and not isinstance(
            old[path], ResizeConv
        ):
            kernel = composite_kernel(layer, old[path].kernel_size)
        kernel = kernel * new_gains.get(path, 1)
        other = other * gains.get(path, 1)
        distance = np.linalg.norm(kernel - other)
        if distance:
            distances[path] = float(distance / np.linalg.norm(other))
    return distances


def _kernel(layer):
    """The kernel that a layer trains, or `None`."""
    kernel = getattr(layer, "kernel", None)
    return None if kernel is None else ops.convert_to_numpy(kernel)


def _gains(model):
    """`{path: factors of a kernel}` by normalisation before a shuffle."""
    gains = {u.path: normalisation_gain(u) for u in find_upsamplings(model)}
    return {
        path: ops.convert_to_numpy(gain)
        for path, gain in gains.items()
        if gain is not None
    }


def _with_mean(layer, kernel, other):
    """The kernel under the mean over the layer's strides, and the old one."""
    if hasattr(layer, "scale"):
        strides = layer.scale
        kernel, other = (_transposed(k, strides) for k in (kernel, other))
    else:
        strides = layer.strides
    for axis, stride in enumerate(strides):
        around = np.zeros((kernel.ndim, 2), int)
        around[axis] = stride - 1
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(kernel, around), stride, axis
        )
        kernel = windows.mean(-1)
        around[axis] = stride // 2, (stride - 1) // 2
        other = np.pad(other, around)
    return kernel, other


def _transposed(kernel, scale):
    """The kernel before a depth-to-space as that of a transposed convolution.

    Args:
        kernel: `(*kernel_size, in_channels, phases * filters)`.
        scale: Upsampling factor of each axis.

    Returns:
        An array `(*(kernel_size * scale), filters, in_channels)`.
    """
    rank, (*sizes, channels, _) = len(scale), kernel.shape
    kernel = np.flip(kernel, range(rank))
    kernel = kernel.reshape(*sizes, channels, *scale, -1)
    pairs = [axis for i in range(rank) for axis in (i, rank + 1 + i)]
    kernel = kernel.transpose(*pairs, 2 * rank + 1, rank)
    sizes = [size * factor for size, factor in zip(sizes, scale)]
    return kernel.reshape(*sizes, -1, channels)
