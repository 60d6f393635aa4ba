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


def source(i, size, pad_mode):
    """The pixel that stands at position `i`, or `None` for a zero."""
    if 0 <= i < size or pad_mode == "constant":
        return i if 0 <= i < size else None
    if pad_mode == "edge":
        return min(max(i, 0), size - 1)
    if pad_mode == "circular":
        return i % size
    order = list(range(size))
    repeat = 0 if pad_mode == "symmetric" or size == 1 else 1
    order += order[::-1][repeat : size - repeat]
    return order[i % len(order)]


def sampled_matrix(n, stride, taps, pad_mode, lead):
    """Row `i` holds the taps `{offset: weight}` from pixel `i * stride - lead`.

    The matrix of a strided filter of a signal of `n` pixels.
    """
    matrix = np.zeros((-(-n // stride), n))
    for i in range(len(matrix)):
        for offset, weight in taps.items():
            j = source(i * stride - lead + offset, n, pad_mode)
            if j is not None:
                matrix[i, j] += weight
    return matrix


def window_lead(reach, stride):
    """Pixels before the cell that the window is centred on, rounded down."""
    return int(np.floor(max(reach - stride, 0) / 2))


def padded_conv(x, kernel, strides, pad_mode, dilation):
    """One tap at a time: the taps of each axis shift and stride by matrices."""
    y = 0
    rank = x.ndim - 2
    for tap in np.ndindex(kernel.shape[:rank]):
        shifted = x.astype("float64")
        for axis in range(rank):
            s, d, mode = strides[axis], dilation[axis], pad_mode[axis]
            lead = window_lead((kernel.shape[axis] - 1) * d + 1, s)
            shifted = along(
                sampled_matrix(
                    x.shape[axis + 1], s, {tap[axis] * d: 1.0}, mode, lead
                ),
                shifted,
                axis + 1,
            )
        y = y + shifted @ kernel[tap]
    return y


def blur_downsample(x, scale, taps, pad_mode):
    taps = np.asarray(taps, float) / np.sum(taps)
    for axis, (s, mode) in enumerate(zip(scale, pad_mode), start=1):
        lead = window_lead(len(taps), s)
        weights = dict(enumerate(taps))
        matrix = sampled_matrix(x.shape[axis], s, weights, mode, lead)
        x = along(matrix, x, axis)
    return x


def scatter_matrix(n, scale, taps, pad_mode):
    """Extend by far, insert zeros, filter, keep the `n * scale` of the middle.

    The taps are centred on each cell of `scale` output pixels, or lie half a
    pixel after it.
    """
    far = len(taps)
    lead = int(np.floor((len(taps) - scale) / 2))
    matrix = np.zeros((n * scale, n))
    for i in range(-far, n + far):
        j = source(i, n, pad_mode)
        for tap, weight in enumerate(taps):
            row = i * scale - lead + tap
            if j is not None and 0 <= row < len(matrix):
                matrix[row, j] += weight
    return matrix


def blur_upsample(x, scale, taps, pad_mode):
    taps = np.asarray(taps, float) / np.sum(taps)
    for axis, (s, mode) in enumerate(zip(scale, pad_mode), start=1):
        x = along(scatter_matrix(x.shape[axis], s, taps * s, mode), x, axis)
    return x


def filtered_conv_transpose(x, kernel, scale, pad_mode):
    """One tap at a time, each with the filter that follows."""
    y = 0
    for tap in np.ndindex(kernel.shape[:2]):
        spread = x.astype("float64")
        for axis, (s, mode) in enumerate(zip(scale, pad_mode)):
            box = np.ones(s) / s
            one = np.eye(kernel.shape[axis])[tap[axis]]
            taps = s * np.convolve(one, np.convolve(box, [0.25, 0.5, 0.25]))
            matrix = scatter_matrix(x.shape[axis + 1], s, taps, mode)
            spread = along(matrix, spread, axis + 1)
        y = y + spread @ kernel[tap]
    return y


def neighbour(x, i, j, pad_mode):
    """The pixel of one image at row `i` and column `j`, inside or outside."""
    row = source(i, x.shape[0], pad_mode[0])
    column = source(j, x.shape[1], pad_mode[1])
    outside = row is None or column is None
    return np.zeros(x.shape[-1]) if outside else x[row, column]


def carafe(
    x, compressor, encoder, scale, kernel_size, encoder_size, groups, pad_mode
):
    """Wang et al. 2019, pixel by pixel and tap by tap.

    `compressor` and `encoder` are pairs of kernel and bias.
    """
    x = x.astype("float64")
    batch, height, width, channels = x.shape
    compressed = x @ compressor[0][0, 0] + compressor[1]
    content = (
        convolve(pad_same(compressed, encoder_size, pad_mode), encoder[0])
        + encoder[1]
    )
    rows, columns = kernel_size
    each = channels // groups
    y = np.zeros((batch, height * scale[0], width * scale[1], channels))
    for n, i, j in np.ndindex(batch, *y.shape[1:3]):
        cell, phase = (
            (i // scale[0], j // scale[1]),
            (i % scale[0], j % scale[1]),
        )
        logits = content[(n, *cell)].reshape(groups, *scale, rows, columns)
        for group in range(groups):
            weights = np.exp(logits[(group, *phase)])
            weights /= weights.sum()
            mine = slice(group * each, (group + 1) * each)
            for a, b in np.ndindex(rows, columns):
                row = cell[0] + a - (rows - 1) // 2
                column = cell[1] + b - (columns - 1) // 2
                pixel = neighbour(x[n], row, column, pad_mode)
                y[n, i, j, mine] += weights[a, b] * pixel[mine]
    return y


def shuffled(x, scale):
    """Pixel shuffle as in PyTorch: phases in the fast part of the channels."""
    batch, height, width, channels = x.shape
    phases = scale[0] * scale[1]
    y = np.zeros(
        (batch, height * scale[0], width * scale[1], channels // phases)
    )
    for n, i, j, channel in np.ndindex(*y.shape):
        (row, a), (column, b) = divmod(i, scale[0]), divmod(j, scale[1])
        fast = a * scale[1] + b
        y[n, i, j, channel] = x[n, row, column, channel * phases + fast]
    return y


def bilinear_read(x, position, pad_mode):
    """Reads one image between its pixels, at any `(row, column)`."""
    top, left = np.floor(position).astype(int)
    y = 0
    for i, j in np.ndindex(2, 2):
        near = 1 - np.abs(np.array([top + i, left + j]) - position)
        y = y + near.prod() * neighbour(x, top + i, left + j, pad_mode)
    return y


def dysample(x, offset, scope, scale, groups, order, pad_mode):
    """Liu et al. 2023, pixel by pixel.

    `offset` is a pair of kernel and bias of a 1x1 convolution, `scope` a
    kernel, or `None` for the static scope.
    """
    x = x.astype("float64")
    batch, height, width, channels = x.shape
    content = x if order == "lp" else shuffled(x, scale)
    moves = content @ offset[0][0, 0] + offset[1]
    if scope is None:
        moves = moves / 4
    else:
        moves = moves / 2 / (1 + np.exp(-(content @ scope[0, 0])))
    each = channels // groups
    y = np.zeros((batch, height * scale[0], width * scale[1], channels))
    for n, i, j in np.ndindex(batch, *y.shape[1:3]):
        if order == "lp":
            cell, phase = zip(divmod(i, scale[0]), divmod(j, scale[1]))
            of_phase = moves[(n, *cell)].reshape(*scale, 2, groups)[phase]
        else:
            of_phase = moves[n, i, j].reshape(2, groups)
        centre = (np.array([i, j]) + 0.5) / scale - 0.5
        for group in range(groups):
            mine = slice(group * each, (group + 1) * each)
            position = centre + of_phase[:, group]
            y[n, i, j, mine] = bilinear_read(
                x[n, ..., mine], position, pad_mode
            )
    return y


def phase_gains(kernel, strides):
    """Of a transposed convolution: `(phases, filters, in_channels)`."""
    rank = len(strides)
    gains = np.zeros((*strides, *kernel.shape[rank:]))
    for tap in np.ndindex(kernel.shape[:rank]):
        phase = tuple(k % s for k, s in zip(tap, strides))
        gains[phase] += kernel[tap]
    return gains.reshape(-1, *kernel.shape[rank:])


def subpixel_phase_gains(kernel, phases):
    """Of a sub-pixel convolution: `(phases, in_channels, filters)`."""
    taps = kernel.reshape(-1, *kernel.shape[-2:])
    filters = kernel.shape[-1] // phases
    return np.array(
        [
            sum(tap[:, phase * filters : (phase + 1) * filters] for tap in taps)
            for phase in range(phases)
        ]
    )
