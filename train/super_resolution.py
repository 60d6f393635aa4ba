r"""Trains a network that makes pictures larger.

    python -m train.super_resolution --scale=3
    python -m train.super_resolution --dataset=folder --data_dir=PHOTOGRAPHS \
        --precision=mixed_bfloat16 --xla=off --test_dir=SET5
    python -m train.super_resolution --model=RUN --test_dir=SET5
    tfupsample apply RUN picture.jpg -o larger.png

The trainer takes the pictures of a folder in their own size. The network learns
from crops of them, whose low resolution is made by an antialiased bicubic
filter, as in MATLAB. --test_dir prints and writes PSNR and SSIM as the papers
measure them; with --model the trainer scores that network and does not train.

The run directory (--workdir) receives the settings, the metrics, a grid of
bicubic enlargement, network and truth for each epoch, and checkpoints. At the
end it receives scores, a SavedModel and super_resolution.keras. Run the same
command again to resume. tfupsample apply enlarges pictures with a finished run.
"""

import dataclasses
import os

import keras
import numpy as np

from models import super_resolution
from tfupsample.errors import UnusableInput
from tfupsample.images.arrays import to_uint8
from train.data.crops import crop_batches
from train.data.degrade import imresize
from train.data.pairs import make_pairs
from train.data.photographs import load_photographs
from train.engine.config import PhotographsConfig, UpsampleOptions
from train.engine.main import main
from train.engine.optimizer import OptimizerConfig
from train.engine.options import UsageError, option, refuse_unused, usage_errors
from train.engine.run import Run
from train.engine.schedule import schedule_option
from train.evaluation import super_resolution as super_resolution_scores
from train.evaluation.artifacts import similarity
from train.evaluation.enlarge import scale_of
from train.evaluation.validation import (
    Validation,
    ValidationConfig,
    held_out,
    keep_best_option,
)
from train.networks.load import InitConfig, initialise, load_network
from train.networks.weights import in_float32
from train.networks.write import export

_SAMPLES = 4


@dataclasses.dataclass(frozen=True)
class Config(
    InitConfig,
    OptimizerConfig,
    ValidationConfig,
    UpsampleOptions,
    PhotographsConfig,
):
    """Settings of `python -m train.super_resolution`."""

    image_size: int = option(
        48, "Side of the low-resolution crops in pixels.", least=1, most=4096
    )
    batch_size: int = option(16, "Crops per step.", least=1)
    steps: int = option(150, "Steps per epoch.", least=1)
    flip: bool = option(True, "Mirror and turn the crops at random.")
    scale: int = option(
        2, "How many times larger pictures become.", least=2, most=256
    )
    upsample: str = option(
        "subpixel",
        "How the network upsamples: subpixel, nearest, bilinear, bicubic, "
        "filtered, alias_free, carafe, dysample, deconv_balanced or deconv.",
    )
    icnr: bool = option(
        True, "Start a sub-pixel convolution without a checkerboard."
    )
    width: int = option(64, "Channels of the convolutions.", least=1)
    blocks: int = option(
        3, "Number of residual blocks of two convolutions.", most=1000
    )
    learning_rate: float = option(1e-3, "Largest learning rate of Adam.")
    schedule: str = schedule_option("cosine")
    keep_best: str = keep_best_option("psnr_db", "ssim")
    test_dir: str = option(
        "", "Folder of pictures to score the network on.", may_differ=True
    )
    model: str = option(
        "",
        "Name or path of a trained network to score on --test_dir instead of "
        "training.",
    )


def build(config):
    """Returns the compiled `SuperResolution` of a config, its weights seeded.

    Args:
        config: The settings.

    Raises:
        UsageError: if the network refuses a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        network = super_resolution.super_resolution(
            config.scale,
            config.width,
            config.blocks,
            config.upsample,
            config.kernel_size,
            config.pad_mode,
            config.icnr,
        )
    model = super_resolution.SuperResolution(network)
    rate = config.scheduled(config.learning_rate, config.epochs * config.steps)
    model.compile(
        keras.optimizers.Adam(rate, **config.gradient_arguments()),
        jit_compile=config.jit_compile,
    )
    model.build((config.batch_size, config.image_size, config.image_size, 3))
    return model


def load_pairs(config):
    """Returns pairs of the pictures in low and in high resolution.

    Raises:
        DataError: The pictures cannot be loaded or are too small.
    """
    pictures = load_photographs(
        config.dataset,
        config.image_size * config.scale,
        config.data_dir,
        config.max_images,
    )
    return make_pairs(pictures, config.scale, config.image_size)


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    tests = _tests(config)
    model = build(config)
    initialise(model.network, config)
    pairs = load_pairs(config)
    mask = held_out(config, len(pairs))
    kept = [pair for pair, held in zip(pairs, mask) if held]
    pairs = [pair for pair, held in zip(pairs, mask) if not held]
    run = Run(f"super_resolution_x{config.scale}", config)
    run.expect_pictures([high for _, high in pairs])
    network = in_float32(model.network)
    low, bicubic, high = _samples(pairs[:_SAMPLES], config.image_size)

    def dataset(first, last, skip):
        return crop_batches(
            pairs,
            config.image_size,
            config.batch_size,
            config.steps,
            config.seed,
            first,
            last,
            config.flip,
            skip,
        )

    def sample():
        network.set_weights(model.network.get_weights())
        rows = zip(bicubic, network.predict_on_batch(low), high)
        return np.concatenate([np.concatenate(row, axis=1) for row in rows])[
            None
        ]

    def measure():
        network.set_weights(model.network.get_weights())
        low, _, high = _samples(kept, config.image_size)
        made = network.predict(low, batch_size=config.batch_size, verbose=0)
        return similarity(to_uint8(np.stack(high)), to_uint8(made))

    validation = Validation(run, "super_resolution", measure, lambda: network)
    run.fit_dataset(model, dataset, config.steps, sample, [validation])
    network.set_weights(model.network.get_weights())
    run.write("scores.json", score(network, tests))
    for path in export(network, run.path, "super_resolution"):
        print(path)
    validation.announce()


def _samples(pairs, size):
    """Returns centres of pairs: low, bicubic and high, in [-1, 1]."""
    lows, bicubics, highs = [], [], []
    for low, high in pairs:
        scale = high.shape[0] // low.shape[0]
        row, column = ((n - size) // 2 for n in low.shape[:2])
        low = low[row : row + size, column : column + size]
        lows.append(low / 127.5 - 1)
        bicubics.append(imresize(lows[-1], scale * size, scale * size))
        row, column, side = scale * row, scale * column, scale * size
        high = high[row : row + side, column : column + side]
        highs.append(high / 127.5 - 1)
    return np.stack(lows).astype("float32"), bicubics, highs


def _tests(config):
    folder = os.path.expanduser(config.test_dir)
    return super_resolution_scores.read_tests(folder) if folder else {}


def score(network, tests):
    """Prints and returns the scores of a network.

    Args:
        network: A network of `models.super_resolution`.
        tests: The result of `read_tests`, perhaps empty.
    """
    scores = {"flat_pattern": super_resolution_scores.flat_pattern(network)}
    if tests:
        scores["pictures"] = super_resolution_scores.score(network, tests)
        print(super_resolution_scores.table(scores["pictures"]))
    print(f"Pattern on flat pictures: {scores['flat_pattern']:.3f} of 255")
    return scores


def score_trained(config):
    """Scores the network that `config.model` names.

    Args:
        config: The settings.

    Raises:
        UsageError: The model cannot be used, or settings have no effect.
    """
    used = ("workdir", "model", "test_dir", "precision", "device", "seed")
    names = {field.name for field in dataclasses.fields(config)} - {*used}
    refuse_unused(config, names, "with --model, which is not trained")
    try:
        network = load_network(config.model)
    except UnusableInput as error:
        raise UsageError(str(error)) from error
    with usage_errors():
        scale_of(network)
    score(network, _tests(config))


def work(config):
    """Trains, or scores the network that `config.model` names."""
    (score_trained if config.model else train)(config)


if __name__ == "__main__":
    main(Config, work, __doc__)
