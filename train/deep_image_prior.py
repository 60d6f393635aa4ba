"""Restores one damaged picture by a network that has seen no other.

    python -m train.deep_image_prior --image=astronaut --sigma=25
    python -m train.deep_image_prior --image=NOISY.png --sigma=0 --image_size=0
    python -m train.deep_image_prior --task=inpaint --missing=0.5
    python -m train.deep_image_prior --task=inpaint --image=OLD.png --mask=M.png
    python -m train.deep_image_prior --sweep --image_size=64 --width=16

Deep image prior (Ulyanov et al. 2018). Bundled pictures and files are damaged
first, to measure how well they are restored; --sigma=0 or a --mask of your own
takes the picture as it is. A network takes up noise after everything else, so
when denoising look at the pictures of each epoch: the best may not be the last.

The run directory (--workdir) receives the settings, metrics, for each epoch the
damaged picture, output, average and original, checkpoints and, at the end, the
pictures as PNG, progress.png, their PSNR in scores.json, a SavedModel and
network.keras. The same command started again goes on where the run was; more
--epochs continue it. --sweep fits small networks of every architecture and
depth instead and writes sweep.json, sweep.csv and sweep.png.
"""

import dataclasses
import pathlib

import keras
import numpy as np
from PIL import Image

from models import deep_image_prior
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from train.data import damage
from train.data.picture import load_picture
from train.engine.config import (
    BasicConfig,
    UpsampleOptions,
    option,
    usage_errors,
)
from train.engine.main import main
from train.engine.run import Run
from train.networks.write import export

_SHEET = 8  # pictures of the progress


@dataclasses.dataclass(frozen=True)
class Config(UpsampleOptions, BasicConfig):
    """Settings of `python -m train.deep_image_prior`."""

    epochs: int = option(20, "How often --iterations are done.", least=1)
    seed: int = option(
        0, "Seeds weights, input, noise and mask.", most=2**32 - 1
    )
    image: str = option(
        "astronaut",
        "A picture file, or a picture that comes with scikit-image: astronaut, "
        "camera, chelsea, coffee, coins, rocket and others.",
    )
    image_size: int = option(
        256,
        "Pixels a side, of the central square; 0: the picture as it is.",
        most=4096,
    )
    task: str = option("denoise", "What to restore.", ("denoise", "inpaint"))
    sigma: float = option(
        25.0,
        "Noise added for denoising, its standard deviation in steps of 8 bits; "
        "0: the picture is noisy already.",
        most=255,
    )
    mask: str = option(
        "pixels",
        "What is missing for inpainting: pixels, rectangles, or a picture file "
        "that is black there.",
    )
    missing: float = option(
        0.5, "Share of the pixels for --mask=pixels.", most=1
    )
    region: int = option(64, "Pixels a side for --mask=rectangles.", least=1)
    regions: int = option(1, "How many rectangles, at random places.", least=1)
    loss: str = option(
        "l2", "Between output and picture.", tuple(deep_image_prior.LOSSES)
    )
    architecture: str = option(
        "hourglass",
        "hourglass (of the paper, with skips), or encoder-decoders with a "
        "single or double convolution a level.",
        deep_image_prior.ARCHITECTURES,
    )
    depth: int = option(
        5, "Times that the resolution is halved.", least=1, most=12
    )
    width: int = option(
        32,
        "Channels; encoder-decoders double them with each level down.",
        least=1,
    )
    learning_rate: float = option(0.005, "Step size of Adam.")
    jitter: float = option(
        1 / 30, "Standard deviation of the noise added to the input each step."
    )
    momentum: float = option(0.99, "Of the averaged output.", most=1)
    iterations: int = option(100, "Steps of an epoch.", least=1)
    sweep: bool = option(
        False,
        "Fit networks of all architectures, depths, noises, losses and region "
        "sizes to the picture, for the steps of one run each.",
    )

    batch_size = 1  # for the run's rate of images

    @property
    def dataset(self):
        """What the run directory is named after."""
        task = "sweep" if self.sweep else self.task
        return f"{pathlib.Path(self.image).stem}-{task}"


@dataclasses.dataclass(frozen=True, eq=False)
class Problem:
    """A picture to restore, float32 in [0, 1], each with a batch of one.

    Attributes:
        picture: `(1, height, width, channels)`, damaged.
        mask: `(1, height, width, 1)`: 1 is known, 0 missing.
        clean: The picture without damage, or `None`.
    """

    picture: np.ndarray
    mask: np.ndarray
    clean: np.ndarray | None


def problem(config):
    """Returns the `Problem` of a config.

    Raises:
        DataError: if a file cannot be used.
        UsageError: if a setting cannot.
    """
    pixels = load_picture(config.image, config.image_size, 2**config.depth)
    clean = pixels.astype("float32") / 255
    if config.task == "inpaint":
        with usage_errors():
            mask = _mask(config, *clean.shape[:2])
        known = config.mask in damage.MASKS
        return _batched(clean * mask, mask, clean if known else None)
    noisy = damage.add_noise(clean, config.sigma, [config.seed, 1])
    mask = np.ones_like(clean[..., :1])
    return _batched(noisy, mask, clean if config.sigma else None)


def _mask(config, height, width):
    seed = [config.seed, 2]
    if config.mask == "pixels":
        return damage.missing_pixels(height, width, config.missing, seed)
    if config.mask == "rectangles":
        return damage.missing_rectangles(
            height, width, config.region, config.regions, seed
        )
    return damage.mask_from_file(config.mask, height, width)


def _batched(picture, mask, clean):
    return Problem(
        picture[None], mask[None], None if clean is None else clean[None]
    )


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
    """Returns the endless dataset of the one batch that `fit` takes."""
    import tensorflow as tf

    batch = noise(config, found), found.picture, found.mask
    return tf.data.Dataset.from_tensors(batch).repeat()


def noise(config, found):
    """Returns the network's input."""
    size = found.picture.shape[1:3]
    return deep_image_prior.noise_input(size, [config.seed, 3])


def train(config):
    """Restores into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    if config.sweep:
        from train.deep_image_prior_sweep import sweep

        return sweep(config)
    run = Run("deep_image_prior", config)
    found = problem(config)
    prior = build(config, found)
    batches = steps(config, found)
    inputs = noise(config, found)

    def sample():
        shown = results(prior, found, inputs)
        names = ("damaged", "output", "average", "clean")
        return np.concatenate([shown[n] for n in names if n in shown]) * 2 - 1

    run.fit_dataset(prior, lambda *_: batches, config.iterations, sample)
    finish(run, prior, results(prior, found, inputs))


def results(prior, found, inputs):
    """Returns `{name: picture}`, each `(1, height, width, channels)`."""
    average = np.asarray(prior.average)
    shown = {
        "damaged": found.picture,
        "output": prior.network.predict(inputs, verbose=0),
        "average": average,
    }
    if not found.mask.all():
        shown["filled"] = np.where(found.mask, found.picture, average)
    if found.clean is not None:
        shown |= {"best": np.asarray(prior.best), "clean": found.clean}
    return shown


def finish(run, prior, shown):
    """Writes the pictures, what they reached and the network; says where."""
    scores = {"steps": int(prior.steps)}
    if "clean" in shown:
        scores["best_step"] = int(prior.best_step)
        scores["psnr_db"] = {
            name: float(deep_image_prior.psnr(shown["clean"], picture))
            for name, picture in shown.items()
            if name != "clean"
        }
    for name, picture in shown.items():
        save(run.path / f"{name}.png", arrays.to_uint8(picture[0] * 2 - 1))
    run.write("scores.json", scores)
    saved_model, path = export(prior.network, run.path, "network")
    for name, value in scores.get("psnr_db", {}).items():
        print(f"PSNR of {name:8} {value:6.2f} dB")
    print(
        f"Pictures:     {run.path}/*.png\n"
        f"Progress:     {contact_sheet(run.path)}\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )


def contact_sheet(folder):
    """Joins samples of up to eight epochs to `progress.png`; returns its path.

    Args:
        folder: Of the run.
    """
    paths = sorted((folder / "samples").glob("epoch_*.png"))
    chosen = np.linspace(0, len(paths) - 1, min(_SHEET, len(paths))).astype(int)
    shown = []
    for i in chosen:
        with Image.open(paths[i]) as image:
            shown.append(np.asarray(image).reshape(*image.size[::-1], -1))
    sheet = arrays.grid(shown, columns=_SHEET // 2)
    save(folder / "progress.png", sheet)
    return folder / "progress.png"


def save(path, array):
    """Writes a uint8 picture, all or nothing."""
    save_image(path, arrays.picture(array))


if __name__ == "__main__":
    main(Config, train, __doc__)
