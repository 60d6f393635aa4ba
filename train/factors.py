"""Trains a network that reads the factors of a picture of `shapes`.

    python -m train.factors
    python -m train.factors --image_size=32 --workdir=runs/factors-32

train.traverse uses it on generated pictures, which have no labels, to find out
which latents make which pictures. The run directory (--workdir) receives the
settings, the metrics and checkpoints, and at the end the errors on the test
pictures and factors.keras. Run the same command again to resume.
"""

import dataclasses

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import one_of
from tfupsample.images.arrays import from_uint8
from train.data import load_images
from train.data.drawing import SHAPES
from train.engine.config import RunConfig
from train.engine.main import main
from train.engine.optimizer import OptimizerConfig
from train.engine.options import UsageError, option
from train.engine.run import Run
from train.engine.schedule import schedule_option
from train.networks.load import InitConfig, initialise
from train.networks.weights import in_float32
from train.networks.write import save_keras

# Ranges of the factors with ends; the others go round in circles.
RANGES = {"size": (0.15, 0.25), "x": (0.25, 0.75), "y": (0.25, 0.75)}
CIRCLES = ("hue", "background", "light")
FACTORS = ("shape", *RANGES, *CIRCLES)
OUTPUTS = len(SHAPES) + len(RANGES) + 2 * len(CIRCLES)


@dataclasses.dataclass(frozen=True)
class Config(InitConfig, OptimizerConfig, RunConfig):
    """Settings of `python -m train.factors`."""

    epochs: int = option(6, "Passes over the images.", least=1, may_differ=True)
    width: int = option(32, "Channels of the first convolution.", least=1)
    learning_rate: float = option(1e-3, "Largest learning rate of Adam.")
    schedule: str = schedule_option("cosine")


def network(image_size=64, width=32):
    """Returns the network: pictures in [-1, 1] to `(batch, outputs)`, float32.

    It has strided convolutions, which keep track of places, and a dense layer.
    `readings` explains the outputs.

    Args:
        image_size: Side of the pictures in pixels.
        width: Channels of the first convolution.
    """
    images = keras.Input((image_size, image_size, 3), name="images")
    x = images
    for factor in (1, 2, 4, 4):
        x = keras.layers.Conv2D(
            factor * width, 3, 2, padding="same", use_bias=False
        )(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(8 * width, activation="relu")(x)
    outputs = keras.layers.Dense(OUTPUTS, dtype="float32", name="factors")(x)
    return keras.Model(images, outputs, name="factors")


def targets(labels):
    """Returns the outputs that the network should give, `(n, outputs)` float32.

    Args:
        labels: An array `(n,)` for each factor, as for
            `train.data.drawing.draw`.
    """
    shape = np.eye(len(SHAPES))[labels["shape"]]
    ranged = [
        2 * (labels[name] - low) / (high - low) - 1
        for name, (low, high) in RANGES.items()
    ]
    turns = [2 * np.pi * np.asarray(labels[name]) for name in CIRCLES]
    circles = [f(turn) for turn in turns for f in (np.cos, np.sin)]
    columns = np.stack([*ranged, *circles], axis=1)
    return np.concatenate([shape, columns], axis=1).astype("float32")


def readings(outputs):
    """Returns an array `(n,)` for each factor, in the units of `draw`.

    Args:
        outputs: The outputs of the network: logits of the shape, then the
            factors with ends, from -1 to 1, then cosine and sine of the others.
    """
    outputs = np.asarray(outputs)
    shape, ranged, circles = np.split(
        outputs, [len(SHAPES), len(SHAPES) + len(RANGES)], axis=1
    )
    found = {"shape": shape.argmax(1)}
    for value, (name, (low, high)) in zip(ranged.T, RANGES.items()):
        found[name] = low + (high - low) * (value + 1) / 2
    for i, name in enumerate(CIRCLES):
        cosine, sine = circles[:, 2 * i], circles[:, 2 * i + 1]
        found[name] = np.arctan2(sine, cosine) / (2 * np.pi) % 1
    return found


def verdicts(found, factor):
    """Returns the answers to a question about one factor, booleans `(n,)`.

    Args:
        found: The result of `readings`.
        factor: One of `FACTORS`. Shape: does it have corners? Size, x and y: is
            it in the upper half of the range (big, right, down)? Hue and
            background: is it nearer to red than to cyan? Light: does it come
            from the right?

    Raises:
        ValueError: for another factor.
    """
    one_of("factor", factor, FACTORS)
    if factor == "shape":
        return found["shape"] > SHAPES.index("ring")
    if factor in RANGES:
        return found[factor] > np.mean(RANGES[factor])
    return np.cos(2 * np.pi * found[factor]) > 0


def margins(outputs, factor):
    """Returns by how much the answer of `verdicts` is yes, `(n,)`.

    Args:
        outputs: The outputs of the network, as a tensor: its gradient flows.
        factor: As for `verdicts`.

    Returns:
        Positive where the answer is yes, negative where it is no.
    """
    one_of("factor", factor, FACTORS)
    count, round_ones = len(SHAPES), SHAPES.index("ring") + 1
    if factor == "shape":
        corners = ops.max(outputs[:, round_ones:count], axis=1)
        return corners - ops.max(outputs[:, :round_ones], axis=1)
    if factor in RANGES:
        return outputs[:, count + [*RANGES].index(factor)]
    return outputs[:, count + len(RANGES) + 2 * CIRCLES.index(factor)]


def differences(found, others):
    """Returns how far apart the factors of pairs of pictures are.

    Args:
        found: The result of `readings`.
        others: Readings of as many other pictures.

    Returns:
        The mean distance of each factor, in units of the mean distance of two
        independent pictures: 0 if they are the same, 1 if they differ as by
        chance.
    """
    apart = {"shape": (found["shape"] != others["shape"]).mean()}
    apart["shape"] /= 1 - 1 / len(SHAPES)
    for name, (low, high) in RANGES.items():
        distance = np.abs(found[name] - others[name]).mean()
        apart[name] = distance / ((high - low) / 3)
    for name in CIRCLES:
        turns = np.abs(found[name] - others[name]) % 1
        apart[name] = np.minimum(turns, 1 - turns).mean() / 0.25
    return {name: float(value) for name, value in apart.items()}


def read(model, images):
    """Returns the `readings` of images in [-1, 1]."""
    return readings(model.predict(images, batch_size=64, verbose=0))


@keras.saving.register_keras_serializable(package="train")
def loss(expected, outputs):
    """Returns the cross entropy of the shape plus the square error of the rest.

    Args:
        expected: The result of `targets`.
        outputs: The outputs of the network.
    """
    count = len(SHAPES)
    entropy = keras.losses.categorical_crossentropy(
        expected[:, :count], outputs[:, :count], from_logits=True
    )
    errors = ops.square(expected[:, count:] - outputs[:, count:])
    return entropy + ops.sum(errors, axis=-1)


def _load(config, split):
    return load_images(
        config.dataset,
        config.image_size,
        config.data_dir,
        config.max_images,
        split,
    )


def _refuse_augmentation(config):
    for name in ("flip", "crop", "colour"):
        if getattr(config, name):
            raise UsageError(
                f"--{name} must be left out: it would change the places or "
                "colours that the network learns to read."
            )


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    _refuse_augmentation(config)
    run = Run("factors", config)
    data = _load(config, "train")
    if not set(FACTORS) <= data.labels.keys():
        raise UsageError("Only --dataset=shapes has the factors as labels.")
    test = _load(config, "test")
    keras.utils.set_random_seed(config.seed)
    model = network(config.image_size, config.width)
    initialise(model, config)
    steps = config.epochs * (len(data.images) // config.batch_size)
    rate = config.scheduled(config.learning_rate, steps)
    model.compile(
        keras.optimizers.Adam(rate, **config.gradient_arguments()),
        loss,
        jit_compile=config.jit_compile,
    )
    shown = from_uint8(test.images[:64])
    run.fit(model, data.images, lambda: shown, targets(data.labels))
    found = read(model, from_uint8(test.images))
    errors = differences(found, test.labels)
    run.write("scores.json", {"errors": errors})
    path = save_keras(in_float32(model), run.path, "factors")
    for name, error in errors.items():
        print(f"{name:12} {error:.3f} of the distance between two pictures")
    print(f"Keras model:  {path}")


if __name__ == "__main__":
    main(Config, train, __doc__)
