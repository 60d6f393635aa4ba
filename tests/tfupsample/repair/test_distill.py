"""The constraint that keeps ramps ramps, and training under it."""

import keras
import numpy as np
import pytest

from tfupsample.inspection.upsamplings import find_upsamplings
from tfupsample.layers.subpixel_conv import SubpixelConv2D
from tfupsample.measures.spectrum import radial_spectrum
from tfupsample.ops.phase_gain import phase_gains
from tfupsample.ops.ramps import ramp_keeping
from tfupsample.repair import distill as distillation
from tfupsample.repair.distill import distill, recompute_statistics
from tfupsample.repair.inputs import folder_inputs, random_inputs
from tfupsample.repair.leaves import dead_leaves

_WIDE = keras.initializers.RandomNormal(stddev=0.3, seed=1)


@pytest.fixture(autouse=True)
def frequent_checks(monkeypatch):
    """Few steps between two checks, so that a test is short."""
    monkeypatch.setattr(distillation, "CHECK", 10)


def network(seed=0):
    """Latents to images, by two deconvolutions."""
    keras.utils.set_random_seed(seed)
    wide = {"padding": "same", "kernel_initializer": _WIDE}
    return keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8 * 8 * 4),
            keras.layers.Reshape((8, 8, 4)),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Conv2DTranspose(4, 4, 2, **wide),
            keras.layers.ReLU(),
            keras.layers.Conv2DTranspose(3, 4, 2, **wide),
            keras.layers.Activation("tanh"),
        ]
    )


def ramp(size, slope):
    """Images `(1, size, size, 2)` that rise along both axes."""
    y, x = np.mgrid[:size, :size].astype("float32")
    first = slope[0] * y + slope[1] * x
    return np.stack([first, 1 - 2 * first], -1)[None]


@pytest.mark.parametrize(
    "layer, scale",
    [
        (keras.layers.Conv2DTranspose(3, 4, 2, padding="same"), (2, 2)),
        (keras.layers.Conv2DTranspose(3, 5, 2, padding="same"), (2, 2)),
        (
            keras.layers.Conv2DTranspose(3, (6, 7), (2, 3), padding="same"),
            (2, 3),
        ),
        (SubpixelConv2D(3, 3, icnr=False), (2, 2)),
        (SubpixelConv2D(3, 4, (2, 3), icnr=False), (2, 3)),
    ],
)
def test_a_ramp_stays_a_ramp(layer, scale):
    """Its second differences vanish away from the border."""
    x = ramp(12, (0.3, -0.2))
    transposed = not hasattr(layer, "scale")

    def bends():
        y = np.asarray(layer(x))[:, 8:-8, 8:-8]
        return max(np.abs(np.diff(y, 2, axis)).max() for axis in (1, 2))

    assert bends() > 0.01
    layer.kernel.assign(ramp_keeping(layer.kernel, scale, transposed))
    assert bends() < 1e-4


def test_the_nearest_kernel_is_a_projection(rng):
    kernel = rng.normal(size=(4, 4, 3, 2)).astype("float32")
    near = np.asarray(ramp_keeping(kernel, (2, 2)))
    other = np.asarray(ramp_keeping(rng.normal(size=near.shape), (2, 2)))
    np.testing.assert_allclose(
        np.asarray(ramp_keeping(near, (2, 2))), near, atol=1e-5
    )
    assert abs(np.vdot(kernel - near, other)) < 1e-4
    gains = np.asarray(phase_gains(near, 2))
    np.testing.assert_allclose(gains - gains[:1], 0, atol=1e-5)


def test_statistics_become_those_of_the_inputs(rng):
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.BatchNormalization()]
    )

    def draw(count, seed):
        noise = np.random.default_rng(abs(seed)).normal(size=(count, 3))
        return (5 + 2 * noise).astype("float32")

    recompute_statistics(model, draw, 32)
    layer = model.layers[0]
    assert np.asarray(layer.moving_mean) == pytest.approx(5, abs=0.3)
    assert np.asarray(layer.moving_variance) == pytest.approx(4, rel=0.2)
    assert layer.momentum == 0.99


@pytest.mark.slow
def test_distilling_approaches_the_teacher_and_keeps_the_constraint():
    """The teacher keeps ramps itself, so that the student can reach it."""
    teacher, student = network(), network()
    draw = random_inputs(teacher)
    for u in find_upsamplings(teacher):
        u.layer.kernel.assign(ramp_keeping(u.layer.kernel, u.strides))
    target = np.asarray(teacher(draw(64, 0)))
    noise = keras.random.normal(student.layers[0].kernel.shape, seed=1)
    student.layers[0].kernel.assign_add(0.2 * noise)

    def error(model):
        return np.mean((np.asarray(model(draw(64, 0))) - target) ** 2)

    before = error(student)
    distill(
        student,
        teacher,
        find_upsamplings(student),
        draw,
        lambda model: {"psnr": -float(error(model))},
        steps=60,
        learning_rate=1e-2,
    )
    assert error(student) < 0.5 * before
    for u in find_upsamplings(student):
        kernel = np.asarray(u.layer.kernel)
        held = np.asarray(ramp_keeping(kernel, u.strides))
        np.testing.assert_allclose(kernel, held, atol=1e-5)
        assert u.layer.kernel.constraint is None


@pytest.mark.slow
def test_distilling_stops_when_nothing_is_gained():
    student, teacher = network(), network()
    steps, stopped = distill(
        student,
        teacher,
        [],
        random_inputs(teacher),
        lambda model: {"psnr": 1.0},
        steps=1000,
    )
    assert steps == 40
    assert stopped == "stopped after 40 of 1000 steps: no better for 30"


def test_pictures_are_leaves_with_soft_edges_and_flat_areas(rng):
    """A filter sees what it sees in photographs: 1 / f, and many flat areas."""
    images = dead_leaves(64, 48, 64, 3, rng)
    assert images.shape == (64, 48, 64, 3)
    assert np.abs(images).max() <= 1
    steps = np.abs(np.diff(images, axis=2))
    assert np.median(steps) < 0.02 < 0.5 < steps.max()
    power = radial_spectrum(images[:, :, :48]).power
    slope = np.polyfit(np.log10(np.arange(1, 13)), power[:12] / 10, 1)[0]
    assert -3.5 < slope < -1.5
    same = dead_leaves(2, 16, 16, 1, np.random.default_rng(1))
    again = dead_leaves(2, 16, 16, 1, np.random.default_rng(1))
    np.testing.assert_array_equal(same, again)


def test_images_are_drawn_in_their_limits(tmp_path, rng):
    model = keras.Sequential(
        [keras.Input((None, 40, 3)), keras.layers.Conv2D(3, 1)]
    )
    drawn = random_inputs(model, (0, 255), 48)(4, 1)
    assert drawn.shape == (4, 48, 40, 3)
    assert 0 <= drawn.min() < 60 and 195 < drawn.max() <= 255
    keras.utils.save_img(
        tmp_path / "a.png", np.full((20, 30, 3), 255.0), scale=False
    )
    crops = folder_inputs(model, tmp_path, (0, 1), 48)(2, 1)
    assert crops.shape == (2, 48, 40, 3)
    np.testing.assert_array_equal(crops, 1)
