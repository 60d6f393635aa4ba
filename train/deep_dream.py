"""Dreams: changes a picture until it excites a layer of a classifier.

    python -m train.deep_dream
    python -m train.deep_dream --pooling=strided --layer=block3
    python -m train.deep_dream --model=runs/classifier/classifier.keras
        --image=photo.jpg --image_size=512 --octaves=4
    python -m train.deep_dream --model=inception_v3 --layer=mixed5

Dreams twice, with --jitter and without, and measures the checkerboard that the
network's gradient drew each way. Without --model a small classifier of shapes
is trained first (a few minutes). The folder of the run (--workdir) receives the
dreams, the accumulated gradients as pictures, and scores.json.
"""

import dataclasses
import pathlib

import keras
import numpy as np

from models import deep_dream
from models.classifier import POOLINGS
from models.classifier import classifier as untrained
from tfupsample.errors import UnusableInput
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from tfupsample.measures.artifacts import peak_prominence
from tfupsample.measures.gradient import pattern_share
from train import classifier
from train.data import DataError
from train.data.picture import load_picture
from train.engine.config import BasicConfig, UsageError, option, usage_errors
from train.engine.dry_run import refuse
from train.engine.main import main
from train.engine.run import Run
from train.networks.load import load_network

PERIODS = (2, 4, 8)
_GRADIENT_SIDE = 64  # pixels of the accumulated gradient that are shown
_WIDTH = 16  # of the classifier that is trained here


@dataclasses.dataclass(frozen=True)
class Config(BasicConfig):
    """Settings of `python -m train.deep_dream`."""

    epochs: int = option(
        4, "Of training the classifier, without --model.", least=1
    )
    pooling: str = option(
        "average",
        "Of that classifier: max and strided paint in its gradient.",
        POOLINGS,
    )
    model: str = option(
        "",
        "A trained network of images in [-1, 1], as --init_from, or "
        "inception_v3 (Keras downloads its weights).",
    )
    layer: str = option("block3", "The layer to excite.")
    channel: int = option(-1, "One channel of it; -1: all.", least=-1)
    image: str = option(
        "coffee",
        "A picture file, or a picture that comes with scikit-image: astronaut, "
        "camera, chelsea, coffee, coins, rocket and others.",
    )
    image_size: int = option(
        256, "Pixels a side, of the central square.", least=1, most=4096
    )
    steps: int = option(20, "Steps of each octave.", least=1)
    step_size: float = option(0.02, "Change of a step; pictures span 2.")
    octaves: int = option(
        3, "Number of sizes, smallest first.", least=1, most=100
    )
    octave_scale: float = option(
        1.4, "Ratio of one size to the one before.", least=1
    )
    jitter: int = option(8, "Pixels by which the picture moves at random.")

    @property
    def dataset(self):
        """What the run directory is named after."""
        named = self.model.removesuffix(".keras") or self.pooling
        return pathlib.Path(named).name


def network(config, folder):
    """Returns the network to dream with.

    Args:
        config: The settings.
        folder: Where a classifier is trained if none is named.

    Raises:
        UsageError: if the file is no model.
        DataError: if weights or data cannot be had.
    """
    if config.model == "inception_v3":
        try:
            return keras.applications.InceptionV3(include_top=False)
        # urllib, the cache and HDF5 each fail in their own way.
        except Exception as error:
            raise DataError(
                f"The weights of InceptionV3 cannot be had ({error}): give a "
                "--model, or none to train a classifier here."
            ) from error
    path = config.model or _trained(config, folder)
    try:
        return load_network(str(path))
    except UnusableInput as error:
        raise UsageError(f"--model={path} cannot be loaded: {error}") from error


def _trained(config, folder):
    """The path of a classifier of shapes, trained if it is not there."""
    path = folder / "classifier" / "classifier.keras"
    if not path.exists():
        # Refuses a layer that is not there before the training.
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
    """Returns the centre of a gradient, grey where it is 0, enlarged."""
    starts = [max(n - _GRADIENT_SIDE, 0) // 2 for n in gradient.shape[:2]]
    rows, columns = (slice(start, start + _GRADIENT_SIDE) for start in starts)
    shown = gradient[rows, columns].mean(axis=-1, keepdims=True)
    return arrays.picture(arrays.to_uint8(shown / (3 * shown.std())), 4)


def train(config):
    """Dreams into `config.workdir`, with jitter and without.

    Args:
        config: The settings.
    """
    refuse(config)
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
    bar = keras.utils.Progbar(config.steps * config.octaves)
    print(name.replace("_", " "))
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
            lambda done, total: bar.update(done),
        )


def table(scores):
    """Returns text: the pattern of the gradient for each way of dreaming."""
    lines = ["Checkerboard of the accumulated gradient (0: none)"]
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
