"""Loads trained networks by name or path, also to begin a training with."""

import dataclasses
import importlib
import pathlib

from tfupsample import list_pretrained, load_pretrained
from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import load_keras
from tfupsample.pretrained.weights import copy_weights
from train.engine.options import UsageError, option

# Importing these modules registers the layers that saved runs may hold.
_REGISTERING = (
    "models.conditional_instance_norm",
    "models.crop_like",
    "models.segmentation_loss",
    "models.stylegan2.layers",
    "models.vocoder",
    "train.factors",
)

DISCRIMINATOR = pathlib.PurePath("training", "discriminator.keras")
"""Where the folder of a GAN's run holds what only further training needs."""


@dataclasses.dataclass(frozen=True)
class InitConfig:
    """The weights that a trainer begins with."""

    init_from: str = option(
        "",
        "Begin with the weights of a trained network: the name of one from "
        "tfupsample list, a .keras file or the folder of a finished run.",
    )


def initialise(network, config):
    """Gives a network the weights that `config.init_from` names, if any.

    Args:
        network: The network that the trainer will export; of a GAN the
            generator.
        config: An `InitConfig`.

    Raises:
        UsageError: if there is no such network, or its architecture differs.
    """
    if not config.init_from:
        return
    try:
        copy_weights(load_network(config.init_from), network)
    except (UnusableInput, ValueError) as error:
        raise UsageError(
            f"--init_from={config.init_from} cannot be used: {error}"
        ) from error


def initialise_gan(model, config):
    """Gives both networks of a `GAN` the weights that `init_from` names.

    The averages restart at the weights of the generator.

    Args:
        model: A built `GAN`.
        config: An `InitConfig`.

    Raises:
        UsageError: as `initialise`.
    """
    initialise(model.generator, config)
    model.restart_averages()
    if not config.init_from:
        return
    path = pathlib.Path(config.init_from).expanduser() / DISCRIMINATOR
    if path.is_file():
        initialise(
            model.discriminator,
            dataclasses.replace(config, init_from=str(path)),
        )
    else:
        print(
            f"{config.init_from} holds no discriminator, which begins "
            "untrained. The folder of a finished run holds one."
        )


def load_network(source):
    """Returns a network by name or path.

    Args:
        source: One of `list_pretrained()`, a `.keras` file or the folder of a
            finished run.

    Raises:
        UnusableInput: if it is none of these, or damaged.
    """
    path = pathlib.Path(source).expanduser()
    if source in list_pretrained() or not (path.suffix or path.exists()):
        return load_pretrained(source, "keras")
    if path.is_dir():
        found = sorted(path.glob("*.keras"))
        if len(found) != 1:
            raise UnusableInput(
                f"{path} must hold one .keras file, as a finished run does."
            )
        path = found[0]
    return load_trained(path)


def load_trained(path):
    """Returns the network of a `.keras` file that a trainer here wrote.

    Raises:
        UnusableInput: as `load_keras`.
    """
    for module in _REGISTERING:
        importlib.import_module(module)
    return load_keras(path)
