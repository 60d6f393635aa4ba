"""Convolution without padding, quick on processors too."""

import math

import keras
import numpy as np
from keras import ops

from tfupsample.ops.adjoint import crop

_STRIPS = 8
_LARGE = 2**27  # multiply-adds; less takes a few milliseconds either way
_FEW_FILTERS, _TALL = 4, 5


def convolve_valid(x, kernel, strides=1, dilation_rate=1):
    """Returns the channels-last convolution without padding.

    Two cases are slow on processors, and are computed otherwise, which changes
    the numbers by no more than rounding: `in_strips` and `row_by_row`. Both
    need known sizes, so models that are saved for any size hold the plain form.

    Args:
        x: `(batch, *sizes, channels)`; batch and sizes may be unknown.
        kernel: `(*kernel_size, channels, filters)`.
        strides: Integer, or one for each spatial axis.
        dilation_rate: Integer, or one for each spatial axis.
    """
    if not _is_large_picture(x, kernel, strides, dilation_rate):
        return plain(x, kernel, strides, dilation_rate)
    form = row_by_row if _is_tall_and_narrow(x, kernel, strides) else plain
    if x.shape[0] == 1:
        return in_strips(x, kernel, strides, form)
    return form(x, kernel, strides)


def plain(x, kernel, strides=1, dilation_rate=1):
    """The definition of `convolve_valid`."""
    return ops.conv(
        x,
        kernel,
        strides=strides,
        padding="valid",
        data_format="channels_last",
        dilation_rate=dilation_rate,
    )


def in_strips(x, kernel, strides=1, form=plain):
    """Cuts one picture into strips that are convolved as a batch.

    Without AVX-512, oneDNN takes up to eight times as long for one picture as
    for one of a batch.

    Args:
        x: `(1, height, width, channels)`.
        kernel: `(rows, columns, channels, filters)`.
        strides: Integer, or one for each spatial axis.
        form: Function of `x`, `kernel` and `strides` that convolves.
    """
    stride = strides if isinstance(strides, int) else strides[0]
    height = (x.shape[1] - kernel.shape[0]) // stride + 1
    rows = -(-height // _STRIPS)  # of the output, in each strip
    first = np.arange(_STRIPS)[:, None] * rows * stride
    taken = first + np.arange((rows - 1) * stride + kernel.shape[0])
    # What lies beyond the last row is computed in vain and cut off below.
    taken = np.minimum(taken, x.shape[1] - 1).astype("int32")
    y = form(ops.take(x[0], taken, axis=0), kernel, strides)
    return ops.reshape(y, (1, -1, *y.shape[2:]))[:, :height]


def row_by_row(x, kernel, strides=1):
    """Makes each row of the kernel filters of its own, and adds the results.

    A convolution to three channels leaves most of a vector register idle: with
    the 27 of nine rows a processor is up to five times as fast.

    Args:
        x: `(batch, height, width, channels)`.
        kernel: `(rows, columns, channels, filters)`.
        strides: 1.
    """
    rows = kernel.shape[0]
    flat = ops.concatenate(ops.split(kernel, rows, axis=0), axis=-1)
    parts = ops.split(plain(x, flat, strides), rows, axis=-1)
    return sum(
        crop(part, ((row, rows - 1 - row), (0, 0)))
        for row, part in enumerate(parts)
    )


def _is_large_picture(x, kernel, strides, dilation_rate):
    """Whether the forms below apply, and might save time that counts."""
    if len(x.shape) != 4 or x.shape[-1] != kernel.shape[-2]:  # groups
        return False
    sizes = x.shape[1:3]
    if not all(isinstance(n, int) for n in sizes) or np.max(dilation_rate) > 1:
        return False
    outputs = math.prod(n - k + 1 for n, k in zip(sizes, kernel.shape))
    work = (
        outputs * math.prod(kernel.shape) / np.prod(np.broadcast_to(strides, 2))
    )
    return work >= _LARGE and _on_tensorflow_processor()


def _is_tall_and_narrow(x, kernel, strides):
    # Of 16 bits the sums would be rounded once for each row.
    return (
        kernel.shape[-1] <= _FEW_FILTERS
        and kernel.shape[0] >= _TALL
        and np.max(strides) == 1
        and keras.backend.standardize_dtype(x.dtype) == "float32"
    )


def _on_tensorflow_processor():
    """Whether TensorFlow computes, and has no GPU."""
    return keras.backend.backend() == "tensorflow" and not (
        keras.distribution.list_devices("gpu")
    )
