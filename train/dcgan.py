"""Trains a DCGAN whose generator upsamples in the way you choose.

    python -m train.dcgan --upsample=nearest
    python -m train.dcgan --upsample=deconv --kernel_size=5
    python -m train.dcgan --upsample=nearest,nearest,nearest,deconv
    python -m train.dcgan --dataset=folder --data_dir=PICTURES --image_size=32

The run directory (--workdir) receives the settings, metrics, a grid of samples
for each epoch, checkpoints and, at the end, artifact scores beside those of the
training images, a SavedModel and generator.keras. The same command started
again goes on where the run was. KERAS_BACKEND=jax trains on JAX.
"""

import dataclasses

import keras

from models import dcgan
from tfupsample.padding import PAD_MODES
from train import evaluate, pictures
from train.config import RunConfig, UsageError, option
from train.data import batches, load_images
from train.export import export
from train.run import Run, main

_XLA = {"auto": "auto", "on": True, "off": False}


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Settings of `python -m train.dcgan`."""

    upsample: str = option(
        "nearest",
        "Upsampling of the generator: nearest, bilinear, bicubic, subpixel or "
        "deconv; or one for each doubling, from 4 pixels up, joined by commas.",
    )
    kernel_size: int = option(3, "Kernel of each upsampling.")
    pad_mode: str = option(
        "symmetric",
        "What the generator's kernels see beyond the border.",
        PAD_MODES,
    )
    width: int = option(32, "Channels at the full resolution.")
    latent_dim: int = option(100, "Length of a latent.")
    discriminator_stem: str = option(
        "strided",
        "First convolution of the discriminator; strided ones send a "
        "checkerboard back in the gradient.",
        dcgan.DISCRIMINATOR_STEMS,
    )
    learning_rate: float = option(2e-4, "Step size of both Adams.")
    momentum: float = option(0.999, "Of the averaged weights; 0 for none.")
    xla: str = option(
        "auto", "Whether to compile the step; auto leaves it to Keras.", _XLA
    )


def build(config, channels):
    """Returns the compiled `DCGAN` of a config, its weights seeded.

    Args:
        config: The settings.
        channels: Channels of the images.

    Raises:
        UsageError: if the networks refuse a setting.
    """
    keras.utils.set_random_seed(config.seed)
    try:
        model = dcgan.DCGAN(
            dcgan.generator(
                config.image_size,
                channels,
                config.latent_dim,
                config.width,
                config.upsample,
                config.kernel_size,
                config.pad_mode,
            ),
            dcgan.discriminator(
                config.image_size,
                channels,
                config.width,
                config.discriminator_stem,
            ),
            config.momentum,
            config.seed,
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    model.compile_adam(
        config.learning_rate,
        config.learning_rate,
        jit_compile=_XLA[config.xla],
    )
    side = config.image_size
    model.build((config.batch_size, side, side, channels))
    return model


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    if not config.workdir:
        name = f"dcgan-{config.dataset}-{config.upsample.replace(',', '-')}"
        config = dataclasses.replace(config, workdir=f"runs/{name}")
    run = Run("dcgan", config)
    images = load_images(
        config.dataset, config.image_size, config.data_dir, config.max_images
    ).images
    model = build(config, images.shape[-1])
    network = model.averaged_generator()
    scores = {
        "training images": evaluate.artifact_scores(images[: evaluate.SAMPLES]),
        "untrained": evaluate.artifact_scores(evaluate.samples(network)),
    }

    def sample():
        model.copy_averages(network)
        return evaluate.samples(network, 64, config.seed)

    run.fit(
        model,
        lambda first, last: batches(
            images, config.batch_size, config.seed, first, last
        ),
        len(images) // config.batch_size,
        sample,
    )
    finish(run, model, network, scores)


def finish(run, model, network, scores):
    """Exports the averaged generator, scores it, and says where things lie."""
    model.copy_averages(network)
    images = evaluate.samples(network)
    scores["trained"] = evaluate.artifact_scores(images)
    run.write("scores.json", scores)
    saved_model, path = export(network, run.path, "generator")
    grid = run.path / "samples.png"
    pictures.picture(pictures.grid(pictures.to_uint8(images[:64])), 2).save(
        grid
    )
    print(
        f"\n{evaluate.score_table(scores)}\n\n"
        f"Sample grid:  {grid}\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )


if __name__ == "__main__":
    main(Config, train, __doc__)
