"""PyTorch's own check of derivatives, in float64, of each family of operations.

KERAS_BACKEND=torch python -m torch_gradients FAILURES.json
"""

import json
import pathlib
import sys

import keras
import torch
from keras import ops

from tfupsample.ops.adjoint import add_bias, crop
from tfupsample.ops.autodiff import input_gradient
from tfupsample.ops.convolution import convolve_valid, in_strips, row_by_row
from tfupsample.ops.fir import filter_images, filter_valid
from tfupsample.ops.padding import pad
from tfupsample.ops.phase_form import (
    depth_to_space,
    phase_kernel,
    phase_plan,
)
from tfupsample.ops.phase_gain import balanced, phase_gains
from tfupsample.ops.ramps import ramp_keeping
from tfupsample.ops.reassembly import reassemble
from tfupsample.ops.resize import resize
from tfupsample.ops.sampling import sample

PICTURE, KERNEL = (1, 3, 4, 2), (3, 3, 2, 2)
PLANS = [phase_plan(3, 2, "bilinear")] * 2

# A function, then the shapes of its arguments.
FAMILIES = {
    "add_bias": (
        lambda x, b: add_bias(x, b, lambda x: depth_to_space(x, (1, 2))),
        (1, 3, 4, 4),
        (2,),
    ),
    "balanced": (lambda k: balanced(k, 2), KERNEL),
    "convolve_valid": (convolve_valid, PICTURE, KERNEL),
    "crop": (lambda x: crop(x, ((1, 0), (0, 2))), PICTURE),
    "depth_to_space": (lambda x: depth_to_space(x, (2, 1)), PICTURE),
    "filter_images": (lambda x: filter_images(x, [[1, 2], [3, 4]]), PICTURE),
    "filter_valid": (lambda x: filter_valid(x, 2, (1, 2, 1), 2), PICTURE),
    "in_strips": (in_strips, (1, 9, 3, 2), KERNEL),
    "input_gradient": (
        lambda x: input_gradient(lambda x: ops.sum(x**3), x),
        PICTURE,
    ),
    "phase_gains": (lambda k: phase_gains(k, 2), KERNEL),
    "phase_kernel": (lambda k: phase_kernel(k, PLANS), KERNEL),
    "ramp_keeping": (lambda k: ramp_keeping(k, (2, 2)), KERNEL),
    "reassemble": (
        lambda x, w: reassemble(x, w, (3, 3), (2, 1), ("edge", "circular")),
        PICTURE,
        (12, 1, 2, 9),
    ),
    "row_by_row": (row_by_row, (1, 5, 3, 2), KERNEL),
    "sample": (
        lambda x, moves: sample(x, moves, (2, 1), ("reflect", "symmetric")),
        PICTURE,
        (1, 6, 4, 2),
    ),
    **{
        f"pad {mode}": (
            lambda x, mode=mode: pad(x, ((2, 1), (0, 5)), (mode, mode)),
            PICTURE,
        )
        for mode in ("symmetric", "reflect", "edge", "circular", "constant")
    },
    **{
        f"resize {way}": (lambda x, way=way: resize(x, (2, 3), way), PICTURE)
        for way in ("nearest", "bilinear", "bicubic")
    },
}
PLANTED = "float32"
"""What `ops.matmul` makes of float64 here: too coarse, which must be seen."""


def failure(function, *shapes):
    """Returns what the checks of both orders say against it, or `""`."""
    arrays = [torch.randn(s, dtype=torch.float64) for s in shapes]
    arrays = [a.requires_grad_() for a in arrays]
    try:
        assert function(*arrays).dtype == torch.float64
        torch.autograd.gradcheck(function, arrays)
        torch.autograd.gradgradcheck(function, arrays, fast_mode=True)
    except Exception as error:  # of whatever fails
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    planted = (lambda x: ops.matmul(x, x).double(), (3, 3))
    found = {n: failure(*f) for n, f in (FAMILIES | {PLANTED: planted}).items()}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(found))
