"""Resize-convolution against the layers it replaces: time and rate.

    python -m benchmarks.layers

Forward, and forward with both gradients, in graph mode and compiled by XLA (on
JAX: XLA alone). A number is the median over the rounds of ours over theirs, in
one run, in turn: below 1, ours is faster. The geometric mean over the shapes
closes each table, and that over the 2-D shapes alone: XLA's 3-D transposed
convolutions on a CPU are slow enough to rule the first.
"""

import math
import statistics

import keras

from benchmarks import compiled, timing
from tfupsample.layers import padding_layer, resize_conv

# Name: input, filters, scale, and the pixels that one output of a forward pass
# multiplies with: rank decides the layer classes.
SHAPES = {
    "64x8x8 256->128": ((64, 8, 8, 256), 128, 2),
    "64x16x16 128->64": ((64, 16, 16, 128), 64, 2),
    "64x32x32 64->3": ((64, 32, 32, 64), 3, 2),
    "4x64x64 128->64": ((4, 64, 64, 128), 64, 2),
    "4x128x128 64->32": ((4, 128, 128, 64), 32, 2),
    "8x16384 32->16": ((8, 16384, 32), 16, 4),
    "1x32x32x32 32->16": ((1, 32, 32, 32, 32), 16, 2),
}
ROUNDS = 7
FORMS = {"forward": compiled.forward, "with gradients": compiled.step}


def of_rank(module, name, rank):
    """Returns the class of that name and rank, such as `Conv2D`."""
    return getattr(module, name.format(rank))


def ours(shape, filters, scale, kernel_size=3, interpolation="nearest"):
    """Returns our layer."""
    layer = of_rank(resize_conv, "ResizeConv{}D", len(shape) - 2)
    return layer(filters, kernel_size, scale, interpolation)


def usual(shape, filters, scale, kernel_size=3):
    """Returns the usual recipe from stock layers: upsample, pad, convolve."""
    rank = len(shape) - 2
    return keras.Sequential(
        [
            of_rank(keras.layers, "UpSampling{}D", rank)(scale),
            of_rank(padding_layer, "Pad{}D", rank)(kernel_size // 2),
            of_rank(keras.layers, "Conv{}D", rank)(filters, kernel_size),
        ]
    )


def transposed(shape, filters, scale, kernel_size):
    """Returns the stock transposed convolution."""
    layer = of_rank(keras.layers, "Conv{}DTranspose", len(shape) - 2)
    return layer(filters, kernel_size, scale, padding="same")


def plain_bilinear(shape, filters, scale):
    """Returns the definition of our bilinear layer."""
    layer = of_rank(resize_conv, "ResizeConv{}D", len(shape) - 2)
    return layer(filters, 5, scale, "bilinear", implementation="plain")


def layers(shape, filters, scale):
    """Returns all contestants; equal arithmetic is `kernel + scale - 1`."""
    case = (shape, filters, scale)
    return {
        "nearest 3": ours(*case),
        "usual 3": usual(*case),
        "transposed 5": transposed(*case, 5),
        "transposed equal": transposed(*case, 3 + scale - 1),
        "bilinear 5": ours(*case, 5, "bilinear"),
        "plain bilinear 5": plain_bilinear(*case),
    }


COMPARISONS = {
    "nearest 3 / usual 3": ("nearest 3", "usual 3"),
    "nearest 3 / transposed 5": ("nearest 3", "transposed 5"),
    "nearest 3 / transposed of equal arithmetic": (
        "nearest 3",
        "transposed equal",
    ),
    "bilinear 5 / plain bilinear 5": ("bilinear 5", "plain bilinear 5"),
}


def measure(case, xla):
    """Returns the ratios, medians and matrix-multiply share of one shape."""
    shape, filters, scale = case
    result = {"ratios": {}, "medians_ms": {}}
    for form, make in FORMS.items():
        runs = {
            name: make(layer, shape, xla)
            for name, layer in layers(*case).items()
        }
        if form == "forward":
            pixels = math.prod(shape[:-1])
            outputs = filters * (2 + scale) ** (len(shape) - 2)
            runs["matmul"] = compiled.matmul(pixels, shape[-1], outputs, xla)
        times = timing.interleaved(runs, ROUNDS)
        for name, (mine, theirs) in COMPARISONS.items():
            result["ratios"][f"{name}, {form}"] = timing.ratio(
                times[mine], times[theirs]
            )
        result["medians_ms"][form] = {
            name: timing.summary(values) for name, values in times.items()
        }
        if form == "forward":
            result["share of matrix-multiply rate"] = timing.ratio(
                times["matmul"], times["nearest 3"]
            )
    return result


def geometric_means(shapes):
    """Returns the geometric mean of each ratio over a list of results."""
    return {
        name: round(
            statistics.geometric_mean(s["ratios"][name] for s in shapes), 4
        )
        for name in shapes[0]["ratios"]
    }


def suite(xla):
    """Returns the results of all shapes, and prints them as they come."""
    shapes = {}
    for name, case in SHAPES.items():
        shapes[name] = measure(case, xla)
        print(name, shapes[name]["ratios"], flush=True)
    return means(shapes) | {"shapes": shapes}


def means(shapes):
    """Returns the geometric means over all shapes and over the 2-D ones."""
    flat = [shapes[name] for name, case in SHAPES.items() if len(case[0]) == 4]
    return {
        "geometric means": geometric_means(list(shapes.values())),
        "geometric means of the 2-D shapes": geometric_means(flat),
    }


def main():
    """Runs both modes and writes the results."""
    modes = {"XLA": True}
    if keras.backend.backend() == "tensorflow":
        modes = {"graph": False, "XLA": True}
    results = {mode: suite(xla) for mode, xla in modes.items()}
    print(timing.write("layers", {"rounds": ROUNDS, **results}))


if __name__ == "__main__":
    main()
