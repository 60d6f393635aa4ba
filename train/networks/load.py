"""Trained networks by name or path, and training that begins with them."""

import dataclasses
import importlib
import pathlib

from tfupsample import list_pretrained, load_pretrained
from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import load_keras
from train.engine.config import UsageError, option
from train.networks.weights import copy_weights

# Importing them makes their layers, which runs may have saved, known to Keras.
_REGISTERING = (
    "models.conditional_instance_norm",
    "models.stylegan2.layers",
    "train.factors",
)


@dataclasses.dataclass(frozen=True)
class InitConfig:
    """Where a trainer's network begins."""

    init_from: str = option(
        "",
        "Begin with the weights of a trained model (tfupsample list), of a "
        ".keras file or of a finished run.",
    )


def initialise(network, config):
    """Sets the weights of a network to those that `config.init_from` names.

    Args:
        network: What the trainer exports in the end: of a GAN its generator.
        config: An `InitConfig`; nothing is done where it names nothing.

    Raises:
        UsageError: There is no such network, or it is another one.
    """
    if not config.init_from:
        return
    try:
        copy_weights(load_network(config.init_from), network)
    except (UnusableInput, ValueError) as error:
        raise UsageError(
            f"--init_from={config.init_from} cannot be used: {error}"
        ) from error


def load_network(source):
    """Returns a network by name or path.

    Args:
        source: One of `list_pretrained()`, a `.keras` file or the folder of a
            finished run.

    Raises:
        UnusableInput: if it is none of them or damaged.
    """
    path = pathlib.Path(source).expanduser()
    if source in list_pretrained() or not (path.suffix or path.exists()):
        return load_pretrained(source, "keras")
    if path.is_dir():
        found = sorted(path.glob("*.keras"))
        if len(found) != 1:
            raise UnusableInput(
                f"{path} must hold one .keras file: is the run finished?"
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
