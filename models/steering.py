"""Directions in a latent space that are trained to change a verdict.

The walk of Jahanian et al. (2020, arXiv 1907.07171) along a straight line: not
the normal of a plane between latents, which says where verdicts differ, but the
direction along which the pictures of all latents get the one verdict ahead and
the other behind.
"""

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import finite, finite_array, integer

from .latent import whitened

_BATCH = 64
_STEEP = 10.0  # A margin of a tenth is half decided.


class _Steering(keras.Model):
    """Learns the direction with `fit` on latents.

    Args:
        answer: As for `steered`; a function, so that what it calls stays.
        spread: The way back of `whitened`.
        start: Where the direction starts, in white latents, `(dimensions,)`.
        distance: As for `steered`.
    """

    def __init__(self, answer, spread, start, distance):
        super().__init__(name="steering", dtype="float32")
        self.answer = answer
        self.spread = ops.convert_to_tensor(spread, "float32")
        self.distance = distance
        self.white = self.add_weight(
            name="direction",
            shape=start.shape,
            initializer=lambda shape, dtype: ops.cast(start, dtype),
            constraint=keras.constraints.UnitNorm(axis=0),
        )

    def call(self, latents):
        way = self.distance * ops.matmul(self.white[None], self.spread)
        return self.answer(latents + way), self.answer(latents - way)

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        front, back = y_pred
        # About the share of verdicts that do not follow.
        return ops.mean(
            ops.sigmoid(-_STEEP * front) + ops.sigmoid(_STEEP * back)
        )


def steered(answer, latents, direction, distance=3.0, steps=256, seed=0):
    """Returns a direction along which more verdicts follow than along one.

    Its length is one standard deviation of the latents along it, as that of
    `latent.find_direction`.

    Args:
        answer: Function of latents to `(batch,)`, positive where the verdict on
            their pictures is yes; of the operations of `keras.ops`, so that it
            has a gradient.
        latents: `(n, dimensions)`, from which the direction is learned.
        direction: `(dimensions,)`, where it starts.
        distance: How far to go each way, in lengths of the direction.
        steps: Steps of the training.
        seed: Seed of the order of the latents.

    Returns:
        `(dimensions,)`.

    Raises:
        ValueError: for arrays of other shapes, or numbers that are not finite.
    """
    finite_array("direction", direction, ("dimensions",))
    distance, steps = finite("distance", distance), integer("steps", steps, 1)
    _, spread = whitened(latents)
    start = np.linalg.solve(spread, direction)
    start = (start / np.linalg.norm(start)).astype("float32")
    model = _Steering(answer, spread, start, distance)
    rate = keras.optimizers.schedules.CosineDecay(0.03, steps)
    model.compile(keras.optimizers.Adam(rate), jit_compile=False)
    chance = np.random.default_rng(seed)
    order = chance.integers(len(latents), size=steps * _BATCH)
    model.fit(
        np.asarray(latents, "float32")[order],
        batch_size=_BATCH,
        shuffle=False,
        verbose=0,
    )
    return ops.convert_to_numpy(model.white) @ spread
