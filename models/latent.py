"""Ways through the latent space of a generator, and what they change.

Arrays in, arrays out; images are `(batch, height, width, channels)`. A verdict
is what someone, a classifier say, answers about an image: yes or no.
"""

import dataclasses
import typing

import keras
import numpy as np

from tfupsample.arguments import finite, finite_array, integer


@dataclasses.dataclass(frozen=True)
class Space:
    """Where the latents of a generator live.

    Attributes:
        sample: Function of a number and a numpy generator to random latents,
            `(number, dimensions)`.
        decode: Function of latents to images.
        way: Function that interpolates between two latents: `linear`, or
            `spherical` where latents are normal.
        network: `keras.Model` that `decode` computes; `None` if it is none.
    """

    sample: typing.Callable
    decode: typing.Callable
    way: typing.Callable
    network: keras.Model | None = None


def spaces(generator, batch_size=64):
    """Returns the latent spaces of a generator by name.

    `"z"`, where latents are standard normal; and `"w"`, what the mapping makes
    of them, where the generator has a `"mapping"` and a `"synthesis"`.

    Args:
        generator: A `keras.Model` from latents to images.
        batch_size: Images computed at once.

    Returns:
        A dictionary of `Space`.
    """
    size = generator.input_shape[-1]

    def normal(count, rng):
        return rng.normal(size=(count, size)).astype("float32")

    def predictor(model):
        return lambda x: np.asarray(
            model.predict(np.asarray(x, "float32"), batch_size, verbose=0)
        )

    found = {"z": Space(normal, predictor(generator), spherical, generator)}
    if {"mapping", "synthesis"} <= {layer.name for layer in generator.layers}:
        mapping = predictor(generator.get_layer("mapping"))
        paint = _of_one_style(generator.get_layer("synthesis"))
        found["w"] = Space(
            lambda count, rng: mapping(normal(count, rng)),
            predictor(paint),
            linear,
            paint,
        )
    return found


def _of_one_style(synthesis):
    """Returns the network that gives every layer of a synthesis one style."""
    layers, size = synthesis.input_shape[1:]
    style = keras.Input((size,), name="style")
    styles = keras.layers.RepeatVector(layers)(style)
    return keras.Model(style, synthesis(styles))


def linear(first, last, positions):
    """Returns points on the straight line between latents.

    Args:
        first: `(batch, dimensions)`.
        last: The same shape.
        positions: `(steps,)`; 0 is the first latent, 1 the last.

    Returns:
        `(batch, steps, dimensions)`.
    """
    first, last, t = _broadcast(first, last, positions)
    return first + t * (last - first)


def spherical(first, last, positions):
    """Returns points on the arc between latents (Shoemake, 1985).

    The norm changes evenly from one to the other. Normal latents of many
    dimensions all have about the same norm, and so have points between them
    on the arc; those on the straight line are shorter, as no sample is.
    Latents in the same or in opposite directions have no one arc, and zero has
    no direction: these are joined by the line.

    Args and returns as `linear`.
    """
    first, last, t = _broadcast(first, last, positions)
    norms = [np.linalg.norm(x, axis=-1, keepdims=True) for x in (first, last)]
    tiny = np.finfo(first.dtype).tiny
    start, end = (x / np.maximum(n, tiny) for x, n in zip((first, last), norms))
    cosine = np.clip((start * end).sum(-1, keepdims=True), -1, 1)
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    bent = (sine > 1e-4) & (norms[0] * norms[1] > 0)
    sine = np.where(bent, sine, 1)
    arc = (np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / sine
    norm = norms[0] + t * (norms[1] - norms[0])
    return np.where(bent, norm * arc, first + t * (last - first))


def _broadcast(first, last, positions):
    axes = ("batch", "dimensions")
    finite_array("first", first, axes)
    finite_array("last", last, axes)
    first, last = np.asarray(first), np.asarray(last)
    finite_array("positions", positions, ("steps",))
    if first.shape != last.shape:
        raise ValueError(
            "`first` and `last` must have the same shape (batch, dimensions). "
            f"Received: {first.shape} and {last.shape}"
        )
    t = np.asarray(positions, first.dtype)
    return first[:, None], last[:, None], t[None, :, None]


def find_direction(latents, verdicts, seed=0):
    """Returns the direction in which a verdict turns from no to yes.

    The normal of the plane that a linear support vector machine puts between
    the latents of either verdict (Shen et al., 2020, arXiv 1907.10786), found
    where the latents are white, that is uncorrelated and of unit variance. Of
    normal latents it is the normal itself. Styles w vary in some directions far
    more than in others: there the plain normal points where hardly any style
    goes, this one where styles go that differ in the verdict (the pattern of
    the filter, in the words of Haufe et al., 2014,
    doi 10.1016/j.neuroimage.2013.10.067). Its length is one standard deviation
    of the white latents, so that one step means the same in every space.

    Args:
        latents: `(n, dimensions)`.
        verdicts: Booleans `(n,)`.
        seed: Seed of the order in which the machine sees the latents.

    Returns:
        `(dimensions,)`.

    Raises:
        ValueError: if all verdicts are the same.
    """
    from sklearn.svm import LinearSVC

    verdicts = np.asarray(verdicts, bool)
    if verdicts.shape != np.shape(latents)[:1]:
        raise ValueError(
            "`verdicts` must be one for each of `latents`. "
            f"Received: {verdicts.shape} for {np.shape(latents)}"
        )
    if verdicts.all() or not verdicts.any():
        raise ValueError(
            "`verdicts` must not all be the same. "
            f"Received: {len(verdicts)} times {bool(verdicts.any())}"
        )
    white, spread = whitened(latents)
    machine = LinearSVC(
        C=0.1, class_weight="balanced", dual=False, random_state=seed
    )
    machine.fit(white, verdicts)
    normal = machine.coef_[0] / np.linalg.norm(machine.coef_[0])
    return spread @ normal


def whitened(latents, floor=1e-6):
    """Returns latents uncorrelated and of unit variance, and the way back.

    Args:
        latents: `(n, dimensions)`.
        floor: Smallest variance, as a share of the largest one.

    Returns:
        `(white, spread)`: `latents - mean = white @ spread`, `spread` being
        symmetric, `(dimensions, dimensions)`.
    """
    latents = finite_array("latents", latents, ("n", "dimensions"))
    floor = finite("floor", floor, 0)
    if len(latents) < 2:
        raise ValueError(
            f"`latents` must be at least two. Received: {latents.shape}"
        )
    values, vectors = np.linalg.eigh(np.cov(latents, rowvar=False))
    deviations = np.sqrt(np.maximum(values, floor * values.max()))
    spread = (vectors * deviations) @ vectors.T
    inverse = (vectors / deviations) @ vectors.T
    return (latents - latents.mean(0)) @ inverse, spread


def traverse(latents, direction, steps):
    """Returns latents moved along a direction.

    Args:
        latents: `(batch, dimensions)`.
        direction: `(dimensions,)`.
        steps: `(steps,)`, lengths of the way; 0 is the latent itself.

    Returns:
        `(batch, steps, dimensions)`.
    """
    finite_array("latents", latents, ("batch", "dimensions"))
    finite_array("direction", direction, ("dimensions",))
    latents, direction = np.asarray(latents), np.asarray(direction)
    finite_array("steps", steps, ("steps",))
    if latents.shape[1:] != direction.shape:
        raise ValueError(
            "`direction` must have the dimensions of `latents`. "
            f"Received: {direction.shape} for {latents.shape}"
        )
    return latents[:, None] + np.multiply.outer(steps, direction)


def on_paths(function, paths):
    """Returns `function` of all points of `(batch, steps, ...)`, as one batch.

    Args:
        function: From `(n, ...)` to an array of `n` values.
        paths: What `linear`, `spherical` or `traverse` return.

    Returns:
        `(batch, steps, ...)`.
    """
    values = np.asarray(function(paths.reshape(-1, *paths.shape[2:])))
    return values.reshape(*paths.shape[:2], *values.shape[1:])


def follow_rate(verdicts):
    """Returns how often a verdict follows a direction.

    Args:
        verdicts: Booleans `(batch, steps)` along traversals, the furthest steps
            back first.

    Returns:
        The share of traversals with a no at the back end and a yes at the front
        end, 0 to 1. A direction that changes nothing has 0.
    """
    verdicts = np.asarray(verdicts, bool)
    if verdicts.ndim != 2 or 0 in verdicts.shape:
        raise ValueError(
            "`verdicts` must have the shape (batch, steps), neither of them "
            f"0. Received: {verdicts.shape}"
        )
    return float((~verdicts[:, 0] & verdicts[:, -1]).mean())


def flips(verdicts):
    """Returns where verdicts change along interpolations.

    Args:
        verdicts: Booleans `(batch, steps)`, evenly from one end to the other.

    Returns:
        `{"first", "count"}`: arrays `(batch,)` of the place of the first
        change, from 0 to 1, halfway between two steps, `nan` for none; and of
        the number of changes.

    Raises:
        ValueError: for fewer than two steps.
    """
    verdicts = np.asarray(verdicts, bool)
    if verdicts.ndim != 2 or verdicts.shape[1] < 2:
        raise ValueError(
            "`verdicts` must have the shape (batch, steps) with at least two "
            f"steps. Received: {verdicts.shape}"
        )
    changes = verdicts[:, 1:] != verdicts[:, :-1]
    place = (changes.argmax(1) + 0.5) / changes.shape[1]
    return {
        "first": np.where(changes.any(1), place, np.nan),
        "count": changes.sum(1),
    }


def perceptual_path_length(space, features, count=1024, epsilon=1e-2, seed=0):
    """Returns how fast images change along interpolations.

    Karras et al., 2019, arXiv 1812.04948: the squared distance of the features
    of two images a small step apart, at random places of random
    interpolations, divided by the square of the step. Low where equal steps of
    the latent are equal, small steps of the image. It depends on the features
    and the step: compare only what was measured alike.

    Args:
        space: A `Space`.
        features: Function of images to arrays `(batch, ...)`.
        count: Number of pairs of images.
        epsilon: The step, as a share of the way. (Shorter ones, as the 1e-4 of
            the paper, drown in the rounding of float32 features.)
        seed: Seed of the latents and places.

    Returns:
        The mean, in squared units of the features; 0: images do not change.
    """
    count = integer("count", count, 1)
    if not 0 < finite("epsilon", epsilon) <= 1:
        raise ValueError(
            f"`epsilon` must be above 0 and at most 1. Received: {epsilon!r}"
        )
    rng = np.random.default_rng(seed)
    first, last = space.sample(count, rng), space.sample(count, rng)
    places = rng.uniform(0, 1 - epsilon, size=count)
    ends = []
    for step in (0, epsilon):
        points = [
            space.way(a[None], b[None], [t + step])[0, 0]
            for a, b, t in zip(first, last, places)
        ]
        ends.append(np.asarray(features(space.decode(np.stack(points)))))
    difference = (ends[1] - ends[0]).reshape(count, -1) / epsilon
    return float(np.square(difference, dtype="float64").sum(1).mean())
