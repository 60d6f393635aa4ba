"""Changes a picture until it excites a layer of a classifier: a deep dream.

    python -m train.deep_dream
    python -m train.deep_dream --pooling=strided --layer=block3
    python -m train.deep_dream --model=runs/classifier/classifier.keras
        --image=photo.jpg --image_size=512 --octaves=4
    python -m train.deep_dream --model=inception_v3 --layer=mixed5

The command dreams twice, with --jitter and without, and measures the
checkerboard that the gradient of the network draws each time. Without --model
it first trains a small classifier of shapes, which takes a few minutes. The run
directory (--workdir) receives the dreams, pictures of the accumulated
gradients, and scores.json.
"""

import dataclasses
import pathlib

import keras
import numpy as np

from models import deep_dream
from models.classifier import POOLINGS
from models.classifier import classifier as untrained
from tfupsample.commands.progress import Progress
from tfupsample.errors import UnusableInput
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from tfupsample.measures.artifacts import peak_prominence
from tfupsample.measures.gradient import pattern_share
from train import classifier
from train.data import DataError
from train.data.picture import load_picture
from train.engine.config import FIT_SETTINGS, BasicConfig
from train.engine.main import main
from train.engine.options import UsageError, option, refuse_unused, usage_errors
from train.engine.run import Run
from train.networks.load import load_network

PERIODS = (2, 4, 8)
_GRADIENT_SIDE = 64  # pixels of the accumulated gradient that are shown
_WIDTH = 16  # of the classifier that is trained here


@dataclasses.dataclass(frozen=True)
class Config(BasicConfig):
    """Settings of `python -m train.deep_dream`."""

    epochs: int = option(
        4,
        "Epochs to train the classifier for, without --model.",
        least=1,
        may_differ=True,
    )
    pooling: str = option(
        "average",
        "Pooling of that classifier; max and strided paint in its gradient.",
        POOLINGS,
    )
    model: str = option(
        "",
        "Name or path of a trained network that takes images in [-1, 1], or "
        "inception_v3, whose weights Keras downloads.",
    )
    layer: str = option("block3", "Layer to excite.")
    channel: int = option(
        -1, "Channel of the layer to excite; -1: all.", least=-1
    )
    image: str = option(
        "coffee",
        "A picture file, or a picture that comes with scikit-image: astronaut, "
        "camera, chelsea, coffee, coins, rocket and others.",
    )
    image_size: int = option(
        256,
        "Side in pixels of the central square to use.",
        least=1,
        most=4096,
    )
    steps: int = option(20, "Steps per octave.", least=1)
    step_size: float = option(
        0.02, "Size of a step; pictures range from -1 to 1."
    )
    octaves: int = option(
        3, "Number of sizes, from the smallest.", least=1, most=100
    )
    octave_scale: float = option(
        1.4, "Ratio of each size to the one before.", least=1
    )
    jitter: int = option(
        8, "Shift the picture at random by up to this many pixels."
    )

    @property
    def dataset(self):
        """What the run directory is named after."""
        named = self.model.removesuffix(".keras") or self.pooling
        return pathlib.Path(named).name


def network(config, folder):
    """Returns the network to dream with.

    Args:
        config: The settings.
        folder: The folder in which to train a classifier if none is named.

    Raises:
        UsageError: if the model cannot be loaded.
        DataError: if weights or data are not available.
    """
    if config.model == "inception_v3":
        try:
            return keras.applications.InceptionV3(include_top=False)
        # urllib, the cache and HDF5 each fail in their own way.
        except Exception as error:
            raise DataError(
                f"The weights of InceptionV3 cannot be loaded ({error}): name "
                "another --model, or none to train a classifier."
            ) from error
    path = config.model or _trained(config, folder)
    try:
        return load_network(str(path))
    except UnusableInput as error:
        raise UsageError(f"--model={path} cannot be loaded: {error}") from error


def _trained(config, folder):
    """Returns the path of a classifier of shapes; trains it if needed."""
    path = folder / "classifier" / "classifier.keras"
    if not path.exists():
        # Refuse an unknown layer before the training.
        _objective(config, untrained(width=_WIDTH))
        classifier.train(
            classifier.Config(
                workdir=str(path.parent),
                label="shape",
                width=_WIDTH,
                max_images=6_000,
                pooling=config.pooling,
                epochs=config.epochs,
                seed=config.seed,
                precision=config.precision,
            )
        )
    return path


def gradient_scores(gradient):
    """Returns `{period: {"share", "prominence_db"}}` of one gradient."""
    batch = gradient[None]
    return {
        period: {
            "share": pattern_share(batch, period),
            "prominence_db": peak_prominence(batch, period).mean,
        }
        for period in PERIODS
    }


def gradient_picture(gradient):
    """Returns the enlarged centre of a gradient, in which 0 is grey."""
    starts = [max(n - _GRADIENT_SIDE, 0) // 2 for n in gradient.shape[:2]]
    rows, columns = (slice(start, start + _GRADIENT_SIDE) for start in starts)
    shown = gradient[rows, columns].mean(axis=-1, keepdims=True)
    return arrays.picture(arrays.to_uint8(shown / (3 * shown.std())), 4)


def train(config):
    """Dreams into `config.workdir`, with jitter and without.

    Args:
        config: The settings.
    """
    refuse_unused(config, FIT_SETTINGS, "on a dream")
    if config.model:
        refuse_unused(config, ["epochs", "pooling"], "with --model")
    image = load_picture(config.image, config.image_size) / 127.5 - 1
    run = Run("deep_dream", config)
    model = network(config, run.path)
    image = np.broadcast_to(image, (*image.shape[:2], model.input_shape[-1]))
    objective = _objective(config, model)
    scores = {}
    for name, jitter in (("without_jitter", 0), ("jitter", config.jitter)):
        dreamt = _dream(config, objective, image, jitter, name)
        scores[name] = gradient_scores(dreamt.gradient)
        path = run.path / f"dream_{name}.png"
        save_image(path, arrays.picture(arrays.to_uint8(dreamt.image)))
        gradient = run.path / f"gradient_{name}.png"
        save_image(gradient, gradient_picture(dreamt.gradient))
        print(f"{path}\n{gradient}")
    run.write("scores.json", scores)
    print(f"\n{table(scores)}\n\nScores: {run.path / 'scores.json'}")


def _objective(config, model):
    channel = None if config.channel < 0 else config.channel
    with usage_errors():
        return deep_dream.excitement(model, config.layer, channel)


def _dream(config, objective, image, jitter, name):
    print(name.replace("_", " "), flush=True)
    with usage_errors():
        return deep_dream.dream(
            objective,
            image,
            config.steps,
            config.step_size,
            config.octaves,
            config.octave_scale,
            jitter,
            config.seed,
            Progress("step"),
        )


def table(scores):
    """Returns a table of the pattern in the gradient of each dream."""
    lines = ["Checkerboard in the accumulated gradient (0: none)"]
    for name, rows in scores.items():
        for period, row in rows.items():
            lines.append(
                f"{name.replace('_', ' '):16} period {period}: "
                f"share {row['share']:.3f}, "
                f"prominence {row['prominence_db']:5.1f} dB"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main(Config, train, __doc__)
