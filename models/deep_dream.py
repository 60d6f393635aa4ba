"""Deep dreams: pictures changed until they excite a layer of a network.

Mordvintsev, Olah and Tyka, 2015, "Inceptionism"; with the checkerboard that the
gradient of strided layers draws into them (Odena, Dumoulin and Olah, 2016,
https://doi.org/10.23915/distill.00003).
"""

import dataclasses

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import finite, finite_array, integer
from tfupsample.ops.autodiff import input_gradient


@dataclasses.dataclass(frozen=True, eq=False)
class Dream:
    """The result of gradient ascent.

    Attributes:
        image: `(height, width, channels)` in [-1, 1].
        gradient: The sum over the steps at full size of the gradients with
            respect to `image`, each of standard deviation 1, of the same shape.
    """

    image: np.ndarray
    gradient: np.ndarray


def excitement(model, layer, channel=None):
    """Returns the objective of a dream: a function of images to a scalar.

    Args:
        model: A functional model of images.
        layer: Name of one of its layers.
        channel: Which channel of the layer to excite; by default all, by the
            mean of their squares.

    Raises:
        ValueError: if there is no such layer or channel.
    """
    output = model.get_layer(layer).output
    features = keras.Model(model.input, output)
    if channel is None:
        return lambda x: ops.mean(ops.square(features(x, training=False)))
    if not 0 <= integer("channel", channel, 0) < output.shape[-1]:
        raise ValueError(
            f"`channel` must be below {output.shape[-1]}, the channels of "
            f"{layer!r}. Received: {channel!r}"
        )
    return lambda x: ops.mean(features(x, training=False)[..., channel])


def dream(
    objective,
    image,
    steps=20,
    step_size=0.02,
    octaves=3,
    octave_scale=1.4,
    jitter=0,
    seed=0,
    progress=None,
):
    """Climbs the gradient of an objective, from a small picture to its size.

    Each octave is `octave_scale` times the former in size and takes over what
    the former changed. Before each step the picture is rolled by up to `jitter`
    pixels along each axis, and the gradient back, so that no pixel keeps its
    place under the strides of the network: what they draw averages out.

    Args:
        objective: Function from `(1, height, width, channels)` to a scalar.
        image: `(height, width, channels)` in [-1, 1].
        steps: Number of steps in each octave.
        step_size: Standard deviation, over the picture, of what a step adds.
        octaves: Number of sizes, at least 1.
        octave_scale: Ratio of one size to the one before.
        jitter: Largest shift, in pixels; 0 for none.
        seed: Seed of the jitter.
        progress: Called as `progress(done, total)` after each step.

    Returns:
        A `Dream`.

    Raises:
        ValueError: for an argument outside what is listed here, or so many
            octaves that the smallest has no pixel.
    """
    total = integer("steps", steps, 1) * integer("octaves", octaves, 1, 100)
    step_size = finite("step_size", step_size)
    octave_scale = finite("octave_scale", octave_scale, 1)
    jitter = integer("jitter", jitter, 0)
    rng = np.random.default_rng(seed)
    image = finite_array("image", image, ("height", "width", "channels"))
    image = image.astype("float32")
    sides = np.array(image.shape[:2])
    if min(sides) / octave_scale ** (octaves - 1) < 1:
        raise ValueError(
            "`octaves` must leave a pixel in the smallest picture. "
            f"Received: {octaves} by {octave_scale} of {image.shape}"
        )
    changes, done = np.zeros_like(image), 0
    for octave in range(octaves):
        size = np.round(sides * octave_scale ** (octave + 1 - octaves))
        base = resized(image, size)
        current = base + resized(changes, size)
        gradients = np.zeros_like(current)
        for _ in range(steps):
            shift = rng.integers(-jitter, jitter + 1, 2)
            gradient = _gradient(objective, current, shift)
            gradients += gradient
            current = np.clip(current + step_size * gradient, -1, 1)
            done += 1
            if progress:
                progress(done, total)
        changes = current - base
    return Dream(current, gradients)


def _gradient(objective, image, shift):
    """The gradient at the rolled image, of standard deviation 1."""
    rolled = ops.convert_to_tensor(np.roll(image, shift, (0, 1))[None])
    gradient = np.asarray(input_gradient(objective, rolled)[0], "float32")
    gradient = np.roll(gradient, -shift, (0, 1))
    return gradient / (gradient.std() + 1e-12)


def resized(image, size):
    """Returns a picture in another size, without aliases.

    Args:
        image: `(height, width, channels)`.
        size: Rows and columns.
    """
    size = tuple(int(n) for n in size)
    if size == image.shape[:2]:
        return image
    return ops.convert_to_numpy(
        ops.image.resize(
            image, size, antialias=True, data_format="channels_last"
        )
    )
