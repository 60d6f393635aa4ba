"""Oracles: each operation from its definition, in numpy alone.

Nothing here calls the package, so that nothing can be wrong in both.
"""

import numpy as np

NUMPY_PAD_MODES = {
    "symmetric": "symmetric",
    "reflect": "reflect",
    "edge": "edge",
    "circular": "wrap",
    "constant": "constant",
}


def keys_cubic(t):
    t = abs(t)
    if t < 1:
        return 1.5 * t**3 - 2.5 * t**2 + 1
    if t < 2:
        return -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    return 0.0


def resize_row(n, scale, interpolation, i):
    """Weights of the `n` input pixels in output pixel `i`, renormalised."""
    if interpolation == "nearest":
        return np.eye(n)[i // scale]
    kernel = {
        "bilinear": lambda t: max(1 - abs(t), 0.0),
        "bicubic": keys_cubic,
    }[interpolation]
    centre = (i + 0.5) / scale - 0.5
    weights = np.array([kernel(centre - j) for j in range(n)])
    return weights / weights.sum()


def resize_matrix(n, scale, interpolation):
    return np.array(
        [resize_row(n, scale, interpolation, i) for i in range(n * scale)]
    )


def along(matrix, x, axis):
    """Applies a matrix to one axis."""
    return np.moveaxis(np.tensordot(matrix, x, axes=(1, axis)), 0, axis)


def resize(x, scale, interpolation):
    for axis, s in enumerate(scale, start=1):
        x = along(resize_matrix(x.shape[axis], s, interpolation), x, axis)
    return x


def pad_same(x, kernel_size, pad_mode):
    for axis, (k, mode) in enumerate(zip(kernel_size, pad_mode), start=1):
        widths = [(0, 0)] * x.ndim
        widths[axis] = ((k - 1) // 2, k // 2)
        x = np.pad(x, widths, mode=NUMPY_PAD_MODES[mode])
    return x


def convolve(x, kernel):
    """Stride-1 convolution without padding, one output pixel at a time."""
    rank = kernel.ndim - 2
    sizes = [n - k + 1 for n, k in zip(x.shape[1:-1], kernel.shape[:rank])]
    y = np.empty((x.shape[0], *sizes, kernel.shape[-1]))
    for position in np.ndindex(*sizes):
        window = tuple(
            slice(p, p + k) for p, k in zip(position, kernel.shape[:rank])
        )
        patch = x[(slice(None), *window)]
        y[(slice(None), *position)] = np.tensordot(patch, kernel, axes=rank + 1)
    return y


def resize_conv(x, kernel, scale, interpolation, pad_mode):
    """Resize, pad, convolve. `scale` and `pad_mode` one for each axis."""
    u = resize(x.astype("float64"), scale, interpolation)
    return convolve(pad_same(u, kernel.shape, pad_mode), kernel)


def depth_to_space(x, scale):
    """Phase of a channel: the slow part, the last spatial axis fastest."""
    batch, *sizes, channels = x.shape
    filters = channels // int(np.prod(scale))
    y = np.empty((batch, *(n * s for n, s in zip(sizes, scale)), filters))
    for i, phase in enumerate(np.ndindex(*scale)):
        where = tuple(slice(p, None, s) for p, s in zip(phase, scale))
        y[(slice(None), *where)] = x[..., i * filters : (i + 1) * filters]
    return y


def subpixel_conv(x, kernel, scale, pad_mode):
    x = pad_same(x.astype("float64"), kernel.shape, pad_mode)
    return depth_to_space(convolve(x, kernel), scale)
