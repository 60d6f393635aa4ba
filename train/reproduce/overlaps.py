"""Overlap of kernels, exactly, and the gradient of a strided convolution."""

import keras
import numpy as np

from tfupsample import PaddedConv2D
from tfupsample.measures.gradient import gradient_pattern
from tfupsample.measures.operator import transposed_convolution_matrix
from tfupsample.measures.overlap import box_gain, unevenness
from tfupsample.model_files.atomic import new_path
from tfupsample.report import plots
from train.reproduce.findings import Claim, Findings

_SIZES, _STRIDES = range(2, 8), (2, 3, 4)


def experiment(settings):
    """Returns the `Findings`; nothing is trained."""
    claims = [_uneven(), _squared(), _compounded(), _dampened(), _gradient()]
    overlap = plots.overlap_figure([(3, 2), (3, 2)])
    with new_path(settings.report / "overlap.png") as path:
        overlap.savefig(path)
    matrix = transposed_convolution_matrix(np.array([1, 2, 1.0]), 2, 6)
    operator = plots.operator_figure(matrix)
    with new_path(settings.report / "operator.png") as path:
        operator.savefig(path)
    return Findings(
        claims,
        {
            f"{size}/{stride}": unevenness([(size, stride)])
            for size in _SIZES
            for stride in _STRIDES
            if size >= stride
        },
        {
            "overlap.png": "Taps that reach each pixel through two "
            "transposed convolutions of size 3 and stride 2.",
            "operator.png": "A transposed convolution as a matrix.",
        },
    )


def _uneven():
    pairs = [(k, s) for s in _STRIDES for k in _SIZES if k >= s]
    agree = [(unevenness([(k, s)]) > 1) == bool(k % s) for k, s in pairs]
    return Claim(
        "Overlap is uneven where the stride does not divide the kernel size.",
        f"so in {sum(agree)} of {len(pairs)} pairs of size and stride",
        all(agree),
    )


def _squared():
    line, plane = (unevenness([(3, 2)], rank) for rank in (1, 2))
    return Claim(
        "Size 3 and stride 2: twice as much in one dimension, four times in "
        "two.",
        f"{line:g} times, {plane:g} times",
        (line, plane) == (2, 4),
    )


def _compounded():
    one, two = unevenness([(3, 2)]), unevenness([(3, 2), (3, 2)])
    return Claim(
        "Stacked layers often compound artifacts.",
        f"two layers of size 3 and stride 2: {two:g} times, one: {one:g}",
        two > one,
    )


def _dampened():
    removed, damped = box_gain(4, 4)[1:].max(), box_gain(3, 4)[1:].max()
    return Claim(
        "A last layer of stride 1 removes artifacts whose period divides its "
        "size and damps others.",
        f"period 4: {removed:.2g} of the amplitude is left by size 4, "
        f"{damped:.2g} by size 3 (equal taps)",
        bool(removed < 1e-9 and 0 < damped < 1),
    )


def _gradient():
    shares = []
    for strides in (2, 1):
        layer = PaddedConv2D(
            8,
            3,
            strides,
            kernel_initializer=keras.initializers.GlorotUniform(0),
        )
        shares.append(gradient_pattern(layer, (64, 64, 3), 2).flat)
    return Claim(
        "The gradient of a strided convolution has the checkerboard of a "
        "deconvolution.",
        f"share of the gradient at flat inputs: {shares[0]:.2f} with stride 2, "
        f"{shares[1]:.2g} with stride 1",
        shares[0] > 0.1 > shares[1],
    )
