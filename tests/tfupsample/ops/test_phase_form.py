import itertools

import numpy as np
import pytest
import reference

from tfupsample.arguments import INTERPOLATIONS
from tfupsample.ops import phase_form

SCALES = [1, 2, 3, 4, 5]
KERNEL_SIZES = [1, 2, 3, 4, 5, 7]


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("scale", SCALES)
def test_resize_weights_are_those_of_the_definition(scale, interpolation):
    first, weights = phase_form.resize_weights(scale, interpolation)
    size, cell = 9, 4  # far from the borders
    for phase in range(scale):
        row = reference.resize_row(
            size, scale, interpolation, scale * cell + phase
        )
        expected = np.zeros(size)
        start = cell + first
        expected[start : start + weights.shape[1]] = weights[phase]
        np.testing.assert_allclose(row, expected, atol=1e-12)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_plan_computes_the_interior(rng, interpolation):
    """On random input, resize and convolve equal the plan's phases."""
    for kernel_size, scale in itertools.product(KERNEL_SIZES, SCALES):
        check_plan(rng, kernel_size, scale, interpolation)


def check_plan(rng, kernel_size, scale, interpolation):
    plan = phase_form.phase_plan(kernel_size, scale, interpolation)
    x, w = rng.normal(size=12), rng.normal(size=kernel_size)
    resized = reference.resize_matrix(12, scale, interpolation) @ x
    before, after = (kernel_size - 1) // 2, kernel_size // 2
    expected = np.correlate(np.pad(resized, (before, after)), w, "valid")

    phases = plan.matrix @ w  # (scale, taps)
    padded = np.pad(x, plan.pad)
    grid = np.array([np.correlate(padded, g, "valid") for g in phases])
    stop = grid.size - plan.crop[1]
    actual = grid.T.reshape(-1)[plan.crop[0] : stop]
    assert actual.shape == expected.shape
    inside = slice(4 * scale, -4 * scale)
    np.testing.assert_allclose(actual[inside], expected[inside], atol=1e-12)


def test_nearest_plan_has_no_wasted_taps():
    """The composite kernel has kernel_size + scale - 1 taps in all."""
    for kernel_size, scale in itertools.product(KERNEL_SIZES, SCALES):
        plan = phase_form.phase_plan(kernel_size, scale, "nearest")
        assert plan.taps == -(-(kernel_size + scale - 1) // scale)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_phases_have_equal_gain(rng, interpolation):
    """Why a resize-convolution cannot paint a checkerboard."""
    for kernel_size in KERNEL_SIZES:
        plans = [phase_form.phase_plan(kernel_size, 3, interpolation)] * 2
        kernel = rng.normal(size=(kernel_size, kernel_size, 2, 4))
        phases = np.asarray(phase_form.phase_kernel(kernel, plans))
        gains = phases.sum(axis=(0, 1)).reshape(2, 9, 4)
        total = kernel.sum(axis=(0, 1))[:, None]
        np.testing.assert_allclose(gains, np.broadcast_to(total, (2, 9, 4)))


def test_depth_to_space_follows_its_definition(rng):
    for scale in [(2,), (2, 3), (1, 2, 2)]:
        sizes = (4, 3, 2)[: len(scale)]
        x = rng.normal(size=(2, *sizes, 3 * int(np.prod(scale))))
        np.testing.assert_array_equal(
            phase_form.depth_to_space(x, scale),
            reference.depth_to_space(x, scale),
        )


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_exact_pad_mode_is_exact(rng, interpolation):
    """Extending the input far in that mode gives the padded resized signal."""
    exact = 0
    for pad_mode, kernel_size, scale in itertools.product(
        reference.NUMPY_PAD_MODES, KERNEL_SIZES, SCALES
    ):
        mode = phase_form.exact_pad_mode(
            pad_mode, kernel_size, scale, interpolation
        )
        if mode is not None:
            check_pad_mode(
                rng, pad_mode, mode, kernel_size, scale, interpolation
            )
            exact += 1
    # At scale 1 all are; above, all modes of nearest but some mirrors.
    least = {"nearest": 5 * 6 * 4, "bilinear": 3 * 6 * 4, "bicubic": 5 * 6}
    assert exact >= least[interpolation]


def check_pad_mode(rng, pad_mode, mode, kernel_size, scale, interpolation):
    x = rng.normal(size=8)
    resized = reference.resize_matrix(8, scale, interpolation) @ x
    widths = ((kernel_size - 1) // 2, kernel_size // 2)
    expected = np.pad(resized, widths, reference.NUMPY_PAD_MODES[pad_mode])
    extended = np.pad(x, 5, reference.NUMPY_PAD_MODES[mode])
    big = reference.resize_matrix(18, scale, interpolation) @ extended
    actual = big[5 * scale - widths[0] : 13 * scale + widths[1]]
    np.testing.assert_allclose(actual, expected, atol=1e-12)


def test_exact_pad_mode_refuses_what_differs():
    """Circular bilinear: wrapping the input is not wrapping the result."""
    assert phase_form.exact_pad_mode("circular", 3, 2, "bilinear") is None
    x = np.arange(6.0)
    resized = reference.resize_matrix(6, 2, "bilinear") @ x
    expected = np.pad(resized, 1, "wrap")
    big = reference.resize_matrix(16, 2, "bilinear") @ np.pad(x, 5, "wrap")
    assert np.abs(big[9:23] - expected).max() > 1
