"""Directions that are trained, where the best one is known."""

import numpy as np
from keras import ops

from models.steering import steered


def followed(answer, latents, way):
    """The share of latents with a yes ahead and a no behind."""
    ahead, behind = (
        np.asarray(answer(ops.convert_to_tensor(latents + s * way, "float32")))
        for s in (1, -1)
    )
    return np.mean((ahead > 0) & (behind < 0))


def test_what_is_steered_finds_the_axis_that_decides(rng):
    latents = rng.normal(size=(500, 4)) * (1, 1, 2, 5)
    axis = np.array([1.0, 2, 0, -0.2])

    def answer(x):
        return ops.matmul(x, ops.convert_to_tensor(axis[:, None], "float32"))[
            :, 0
        ]

    start = np.array([1.0, 0, 0, 0])
    way = steered(answer, latents, start, distance=3, steps=200)
    assert followed(answer, latents, 3 * way) > 0.95  # 0.997 without noise
    assert followed(answer, latents, 3 * start) < 0.85
    # One standard deviation of white latents.
    white = np.linalg.solve(np.linalg.cholesky(np.cov(latents.T)), way)
    np.testing.assert_allclose(np.linalg.norm(white), 1, rtol=1e-4)


def test_a_bent_border_is_followed_further_than_by_a_plane(rng):
    """A verdict that is yes in a wedge, as of hues: its normal leaves it."""
    latents = rng.normal(size=(500, 2))

    def answer(x):
        return x[:, 0] - ops.abs(x[:, 1] - 1) - 0.5

    normal = np.array([1.0, 0.8]) / np.hypot(1, 0.8)
    way = steered(answer, latents, normal, distance=4, steps=200)
    better = followed(answer, latents, 4 * way)
    assert better > followed(answer, latents, 4 * normal) + 0.02
