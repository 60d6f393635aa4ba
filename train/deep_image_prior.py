"""Restores one damaged picture with a network that has seen no other.

    python -m train.deep_image_prior --image=astronaut --sigma=25
    python -m train.deep_image_prior --image=NOISY.png --sigma=0 --image_size=0
    python -m train.deep_image_prior --task=inpaint --missing=0.5
    python -m train.deep_image_prior --task=inpaint --image=OLD.png --mask=M.png

This is the deep image prior (Ulyanov et al. 2018). The trainer first damages
the picture, so that it can measure how well it is restored; --sigma=0 or a
--mask of your own takes the picture as it is. The network learns noise last, so
when you denoise, look at the pictures of each epoch: the best may not be the
last.

The run directory (--workdir) receives the settings, the metrics, the damaged
picture beside the output, the average output and the original for each epoch,
and checkpoints. At the end it receives the pictures as PNG, progress.png, their
PSNR in scores.json, a SavedModel and network.keras. Run the same command again
to resume; with more --epochs a finished run continues.
"""

import dataclasses
import pathlib

import keras
import numpy as np

from models import deep_image_prior
from train.data import damage
from train.data.picture import load_picture
from train.engine.config import BasicConfig, UpsampleOptions
from train.engine.main import main
from train.engine.options import option, refuse_unused, usage_errors
from train.engine.run import Run
from train.evaluation.restoration import finish, results


@dataclasses.dataclass(frozen=True)
class PriorConfig(UpsampleOptions, BasicConfig):
    """Settings of every fit to one picture."""

    epochs: int = option(
        20, "How often to run --iterations steps.", least=1, may_differ=True
    )
    seed: int = option(
        0,
        "Seed of the weights, the input, the noise and the mask.",
        most=2**32 - 1,
    )
    image: str = option(
        "astronaut",
        "A picture file, or a picture that comes with scikit-image: astronaut, "
        "camera, chelsea, coffee, coins, rocket and others.",
    )
    image_size: int = option(
        256,
        "Side in pixels of the central square to use; 0: the whole picture in "
        "its own size.",
        most=4096,
    )
    width: int = option(
        32,
        "Channels; encoder-decoders double them at each level down.",
        least=1,
    )
    learning_rate: float = option(0.005, "Learning rate of Adam.")
    jitter: float = option(
        1 / 30,
        "Standard deviation of the noise added to the input at each step.",
    )
    momentum: float = option(0.99, "Momentum of the average output.", most=1)
    iterations: int = option(100, "Steps per epoch.", least=1)

    batch_size = 1  # for the number of images per second


@dataclasses.dataclass(frozen=True)
class Config(PriorConfig):
    """Settings of `python -m train.deep_image_prior`."""

    task: str = option("denoise", "What to restore.", ("denoise", "inpaint"))
    sigma: float = option(
        25.0,
        "Standard deviation of the noise to add for denoising, from 0 to 255; "
        "0: the picture is noisy already.",
        most=255,
    )
    mask: str = option(
        "pixels",
        "What is missing for inpainting: pixels, rectangles, or a picture file "
        "that is black where pixels are missing.",
    )
    missing: float = option(
        0.5, "Share of the pixels to remove with --mask=pixels.", most=1
    )
    region: int = option(
        64, "Side of the rectangles of --mask=rectangles in pixels.", least=1
    )
    regions: int = option(1, "Number of rectangles, at random places.", least=1)
    loss: str = option(
        "l2",
        "Loss between output and picture.",
        tuple(deep_image_prior.LOSSES),
    )
    architecture: str = option(
        "hourglass",
        "hourglass (of the paper, with skip connections), or an "
        "encoder-decoder with a single or double convolution per level.",
        deep_image_prior.ARCHITECTURES,
    )
    depth: int = option(
        5, "How often the network halves the resolution.", least=1, most=12
    )

    @property
    def dataset(self):
        """What the run directory is named after."""
        return f"{pathlib.Path(self.image).stem}-{self.task}"


def problem(config):
    """Returns the `Problem` of a config.

    Raises:
        DataError: if a file cannot be used.
        UsageError: if a setting cannot be used.
    """
    pixels = load_picture(config.image, config.image_size, 2**config.depth)
    clean = pixels.astype("float32") / 255
    if config.task == "inpaint":
        with usage_errors():
            mask = _mask(config, *clean.shape[:2])
        known = config.mask in damage.MASKS
        return damage.incomplete(clean, mask, known)
    return damage.noisy(clean, config.sigma, [config.seed, 1])


def _mask(config, height, width):
    seed = [config.seed, 2]
    if config.mask == "pixels":
        return damage.missing_pixels(height, width, config.missing, seed)
    if config.mask == "rectangles":
        return damage.missing_rectangles(
            height, width, config.region, config.regions, seed
        )
    return damage.mask_from_file(config.mask, height, width)


def build(config, found):
    """Returns the compiled `DeepImagePrior` of a config, its weights seeded.

    Args:
        config: The settings.
        found: Its `Problem`.

    Raises:
        UsageError: if the network refuses a setting.
    """
    keras.utils.set_random_seed(config.seed)
    _, height, width, channels = found.picture.shape
    with usage_errors():
        prior = deep_image_prior.DeepImagePrior(
            deep_image_prior.network(
                config.architecture,
                (height, width),
                channels,
                config.depth,
                config.width,
                config.upsample,
                config.kernel_size,
                config.pad_mode,
            ),
            config.loss,
            config.jitter,
            config.momentum,
            found.clean,
            config.seed,
        )
    prior.compile(
        keras.optimizers.Adam(config.learning_rate),
        jit_compile=config.jit_compile,
    )
    prior.build((1, height, width, deep_image_prior.INPUT_CHANNELS))
    return prior


def steps(config, found):
    """Returns an endless dataset that repeats the only batch."""
    import tensorflow as tf

    batch = noise(config, found), found.picture, found.mask
    return tf.data.Dataset.from_tensors(batch).repeat()


def noise(config, found):
    """Returns the input of the network."""
    size = found.picture.shape[1:3]
    return deep_image_prior.noise_input(size, [config.seed, 3])


def train(config):
    """Restores into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    _refuse_unused(config)
    run = Run("deep_image_prior", config)
    found = problem(config)
    run.expect_pictures(found.picture if found.clean is None else found.clean)
    prior = build(config, found)
    batches = steps(config, found)
    inputs = noise(config, found)

    def sample():
        shown = results(prior, found, inputs)
        names = ("damaged", "output", "average", "clean")
        return np.concatenate([shown[n] for n in names if n in shown]) * 2 - 1

    run.fit_dataset(prior, lambda *_: batches, config.iterations, sample)
    finish(run, prior, results(prior, found, inputs))


def _refuse_unused(config):
    if config.task == "inpaint":
        refuse_unused(config, ["sigma"], "with --task=inpaint")
    else:
        names = ["mask", "missing", "region", "regions"]
        refuse_unused(config, names, "without --task=inpaint")
    if config.mask != "pixels":
        refuse_unused(config, ["missing"], "without --mask=pixels")
    if config.mask != "rectangles":
        names = ["region", "regions"]
        refuse_unused(config, names, "without --mask=rectangles")


if __name__ == "__main__":
    main(Config, train, __doc__)
