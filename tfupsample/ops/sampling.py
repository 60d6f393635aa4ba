"""Bilinear sampling of images at positions that arrays hold."""

from keras import ops

from tfupsample.ops.padding import source_pixels


def sample(x, offsets, scale, modes):
    """Enlarges images by reading them at moved bilinear positions.

    Output pixel `scale * n + phase` is read at `n + (phase + 0.5) / scale -
    0.5 + offset`, in pixels of `x`, between the four nearest pixels. Each group
    of channels is read at positions of its own. Beyond its border `x` continues
    without end, so every position is inside.

    Positions are relative to the cell of each output pixel, so that they are as
    precise in large images as in small ones.

    Args:
        x: `(batch, height, width, channels)`; batch and sizes may be unknown.
        offsets: `(batch, scale * height, scale * width, 2 * groups)`, float32
            or float64: rows of each group, then columns of each group.
        scale: Output pixels per pixel, for each axis.
        modes: A mode of `PAD_MODES` for each axis: how `x` continues.

    Returns:
        `(batch, scale * height, scale * width, channels)`, the dtype of `x`.
    """
    batch, height, width, channels = ops.shape(x)
    groups = offsets.shape[-1] // 2
    rows, columns = map(
        _neighbours,
        ops.split(offsets, 2, axis=-1),
        (1, 2),
        (height, width),
        scale,
        modes,
    )
    pixels = ops.reshape(x, (-1, channels // groups))
    image = ops.reshape(ops.arange(batch, dtype="int32"), (-1, 1, 1, 1))
    group = ops.arange(groups, dtype="int32")

    def each_pixel(numbers):
        return ops.reshape(ops.cast(numbers, x.dtype), (-1, 1))

    def read(row, column):
        (i, inside_row), (j, inside_column) = row, column
        place = ((image * height + i) * width + j) * groups + group
        values = ops.take(pixels, ops.reshape(place, (-1,)), axis=0)
        for inside in (inside_row, inside_column):
            if inside is not None:
                values = values * each_pixel(inside)
        return values

    def between(first, second, share):
        # Of equal pixels exactly that pixel, however the share is rounded.
        return first + each_pixel(share) * (second - first)

    lines = [
        between(*(read(row, column) for column in columns[0]), columns[1])
        for row in rows[0]
    ]
    shape = (batch, height * scale[0], width * scale[1], channels)
    return ops.reshape(between(*lines, rows[1]), shape)


def _neighbours(offset, axis, size, scale, mode):
    """Returns the pixels around each position of one axis.

    Returns:
        For the pixel before and that after, `(index, inside)`, where `inside`
        is `None` unless zeros lie beyond the border; and how far the position
        lies between the two, from 0 to 1.
    """
    place = ops.arange(size * scale, dtype="int32")
    place = ops.reshape(place, (-1, 1) if axis == 2 else (-1, 1, 1))
    phase = ops.cast(ops.mod(place, scale), offset.dtype)
    offset = offset + (phase + 0.5) / scale - 0.5
    before = ops.floor(offset)
    first = ops.floor_divide(place, scale) + ops.cast(before, "int32")
    found = []
    for index in (first, first + 1):
        if mode == "constant":
            kept = source_pixels(index, size, "edge", ops)
            found.append((kept, ops.equal(kept, index)))
        else:
            found.append((source_pixels(index, size, mode, ops), None))
    return found, offset - before
