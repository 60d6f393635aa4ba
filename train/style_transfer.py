r"""Trains a network that paints photographs in the styles of pictures.

    python -m train.style_transfer --styles=embedded
    python -m train.style_transfer --styles=PAINTINGS --dataset=folder \
        --data_dir=PHOTOGRAPHS --width=16 --precision=mixed_bfloat16 \
        --features=classifier --classifier=RUN/classifier.keras
    tfupsample apply RUN photo.jpg --style=brick:0.5,grass:0.5 -o painted.png

One network holds all styles and can blend them. The trainer takes the
photographs of a folder in their own size and paints crops of them. --features
decides what counts as style and content: a trained network sees strokes, random
filters (multiscale) see little more than colours and grain. If the weights of
VGG19 are not available, the trainer takes the classifier that --classifier
names, or else the random filters.

The run directory (--workdir) receives the settings, the names of the styles in
styles.json, the metrics, a sheet of photographs in every style for each epoch,
and checkpoints. At the end it receives artifact scores, a SavedModel (from JAX
for pictures of --image_size only) and style_transfer.keras. Run the same
command again to resume. tfupsample apply paints pictures with a finished run.
"""

import dataclasses

import keras
import numpy as np

from models import style_transfer
from models.perceptual import PerceptualLoss
from tfupsample.arguments import PAD_MODES
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from train.data import DataError
from train.data.crops import crop_batches
from train.data.photographs import centre, load_photographs
from train.data.styles import load_styles
from train.engine.config import PhotographsConfig, UpsampleOptions
from train.engine.main import main
from train.engine.optimizer import OptimizerConfig
from train.engine.options import option, refuse_unused, usage_errors
from train.engine.run import Run
from train.engine.schedule import schedule_option
from train.evaluation import artifacts
from train.evaluation.paintings import painting_scores, sheet
from train.networks.features import FEATURES, load_features
from train.networks.load import InitConfig, initialise
from train.networks.weights import in_float32
from train.networks.write import export_saved_model, save_keras

_SHOWN = 3  # photographs on a sheet
_SCORED = 8  # photographs that are painted in every style and measured


@dataclasses.dataclass(frozen=True)
class Config(InitConfig, OptimizerConfig, UpsampleOptions, PhotographsConfig):
    """Settings of `python -m train.style_transfer`."""

    image_size: int = option(
        256, "Side of the crops in pixels.", least=1, most=4096
    )
    batch_size: int = option(4, "Crops per step.", least=1)
    steps: int = option(100, "Steps per epoch.", least=1)
    styles: str = option(
        "embedded",
        "Folder of the pictures whose styles to learn; embedded: brick, grass, "
        "gravel and others that come with scikit-image.",
    )
    style_size: int = option(
        320,
        "Shorter side of the style pictures in pixels, which decides how large "
        "strokes become.",
        least=1,
    )
    features: str = option(
        "vgg19", "Network that compares style and content.", tuple(FEATURES)
    )
    vgg_weights: str = option(
        "", "An .h5 file with the weights of VGG19; downloaded if empty."
    )
    classifier: str = option(
        "",
        "Name or path of the trained classifier for --features=classifier.",
    )
    content_weight: float = option(1.0, "Weight of the content loss.")
    style_weight: float = option(1.0, "Weight of the style loss.")
    tv_weight: float = option(0.0, "Weight of the total variation loss.")
    width: int = option(32, "Channels at the full resolution.", least=1)
    blocks: int = option(5, "Number of residual blocks.", most=1000)
    pad_mode: str = option(
        "reflect", "What kernels see beyond the border.", PAD_MODES
    )
    learning_rate: float = option(1e-3, "Largest learning rate of Adam.")
    schedule: str = schedule_option("cosine")
    clip_norm: float = option(
        0.0,
        "Largest norm of the gradient of all weights together; 0: 1 for the "
        "gradient of each weight array instead.",
    )

    def gradient_arguments(self):
        """Returns the arguments of a Keras optimizer besides its rate."""
        clip = {} if self.clip_norm else {"clipnorm": 1.0}
        return super().gradient_arguments() | clip


def build(config, styles, features):
    """Returns the compiled `StyleTransfer` of a config, its weights seeded.

    Args:
        config: The settings.
        styles: The style pictures, `(height, width, 3)` in [-1, 1].
        features: A feature network of `models.perceptual`.

    Raises:
        UsageError: if the network refuses a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        network = style_transfer.network(
            len(styles),
            config.width,
            config.blocks,
            config.upsample,
            config.kernel_size,
            config.pad_mode,
        )
    loss = PerceptualLoss(
        features,
        styles,
        config.content_weight,
        config.style_weight,
        config.tv_weight,
    )
    model = style_transfer.StyleTransfer(network, loss, config.seed)
    rate = config.scheduled(config.learning_rate, config.epochs * config.steps)
    model.compile(
        keras.optimizers.Adam(rate, **config.gradient_arguments()),
        jit_compile=config.jit_compile,
    )
    model.build((config.batch_size, config.image_size, config.image_size, 3))
    return model


def pictures_to_paint(config):
    """Returns the pictures to paint, uint8 `(height, width, 3)` each.

    Raises:
        DataError: They cannot be loaded, or none is large enough for a crop.
    """
    photographs = load_photographs(
        config.dataset,
        config.image_size,
        config.data_dir,
        config.max_images,
    )
    large = [p for p in photographs if min(p.shape[:2]) >= config.image_size]
    if not large:
        raise DataError(
            "No picture is at least "
            f"{config.image_size} pixels high and wide: use a smaller "
            "--image_size or larger pictures."
        )
    return large


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    _refuse_unused(config)
    photographs = pictures_to_paint(config)
    styles = load_styles(config.styles, config.style_size)
    name, features = load_features(config)
    config = dataclasses.replace(config, features=name)
    model = build(config, list(styles.values()), features)
    initialise(model.network, config)
    run = Run("style_transfer", config)
    run.expect_pictures([*photographs, *styles.values()])
    run.write("styles.json", list(styles))
    network = in_float32(model.network)
    centres = _centres(photographs, config.image_size)

    def sample():
        network.set_weights(model.network.get_weights())
        return sheet(network, centres[:_SHOWN], len(styles))[None]

    scores = {
        "photographs": artifacts.artifact_scores(arrays.to_uint8(centres)),
        "untrained": painting_scores(
            network, centres, len(styles), artifacts.stretched
        ),
    }
    run.fit_dataset(model, crops(config, photographs), config.steps, sample)
    painted = arrays.to_uint8(sample()[0])
    save_image(run.path / "samples.png", arrays.picture(painted))
    scores["trained"] = painting_scores(network, centres, len(styles))
    finish(run, network, scores)


def _refuse_unused(config):
    if config.features != "vgg19":
        refuse_unused(config, ["vgg_weights"], "without --features=vgg19")
    if config.features == "multiscale":
        refuse_unused(config, ["classifier"], "with --features=multiscale")


def crops(config, photographs):
    """Returns a function from `(first_epoch, last_epoch, skip)` to batches."""
    pairs = [(photograph, photograph) for photograph in photographs]

    def dataset(first, last, skip):
        return crop_batches(
            pairs,
            config.image_size,
            config.batch_size,
            config.steps,
            config.seed,
            first,
            last,
            turn=False,
            skip=skip,
        ).map(lambda crops, same: crops)

    return dataset


def finish(run, network, scores):
    """Writes the scores, exports the network, and prints the paths.

    Args:
        run: The `Run`.
        network: A network of `models.style_transfer`.
        scores: `{name: artifact_scores(...)}`.
    """
    run.write("scores.json", scores)
    served = network
    if keras.backend.backend() == "jax":  # which exports known sizes only
        side = run.config.image_size
        inputs = [keras.Input((side, side, 3)), network.inputs[1]]
        served = keras.Model(inputs, network(inputs))
    print(artifacts.score_table(scores))
    print(export_saved_model(served, run.path))
    print(save_keras(network, run.path, "style_transfer"))


def _centres(photographs, size):
    """Returns centres of photographs, chosen evenly, in [-1, 1]."""
    chosen = np.linspace(0, len(photographs) - 1, _SCORED).astype(int)
    squares = [centre(photographs[i], size) for i in chosen]
    return arrays.from_uint8(np.stack(squares))


if __name__ == "__main__":
    main(Config, train, __doc__)
