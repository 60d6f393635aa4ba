"""Networks of finished runs: how to build them again, and how to use them."""

import dataclasses
import inspect
import json
import pathlib
from typing import Any

import keras
import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.images.reach import reach
from tfupsample.model_files.loading import load_keras
from tfupsample.pretrained import architecture
from tfupsample.pretrained.weights import copy_weights
from tfupsample.pretrained.zoo import import_zoo

_NETWORKS = {
    "dcgan": ("generator", "models.dcgan.generator"),
    "stylegan2": ("generator", "models.stylegan2.networks.generator"),
    "autoencoder": ("reconstruction", "models.autoencoder.reconstructor"),
    "super_resolution": (
        "super_resolution",
        "models.super_resolution.super_resolution",
    ),
    "style_transfer": ("style", "models.style_transfer.network"),
    "classifier": ("classifier", "models.classifier.classifier"),
    "segmentation": ("segmentation", "models.segmentation.unet"),
}
"""Kind of the network of each trainer, and the function that builds it."""
_SAMPLERS = {"dcgan": "models.dcgan.sampler"}
"""The same for a generator that was trained with labels."""


@dataclasses.dataclass(frozen=True)
class FinishedRun:
    """What the folder of a finished run holds.

    Attributes:
        folder: The folder.
        settings: The contents of `config.json`.
        kind: One of `index.KINDS`.
        function: Path of the function that builds the network.
        arguments: Arguments of that function, for images of any size if the
            network is convolutional.
        network: The trained network, as it was saved.
    """

    folder: pathlib.Path
    settings: dict
    kind: str
    function: str
    arguments: dict
    network: keras.Model

    def build(self) -> keras.Model:
        """Returns the network built again, with the trained weights.

        Raises:
            UnusableInput: if the function refuses the arguments, or builds
                another network.
        """
        network = architecture.build(self.function, self.arguments)
        try:
            copy_weights(self.network, network)
        except ValueError as error:
            raise UnusableInput(f"{self.folder}: {error}") from error
        return network

    def interface(self, network: keras.Model) -> dict[str, Any]:
        """Returns what an index says about how to use a network.

        Args:
            network: The result of `build`.

        Raises:
            UnusableInput: if a file of the run cannot be read, a generator
                takes more than latents, or a network takes volumes.
        """
        takes = {t.name: list(t.shape) for t in network.inputs}
        common = {"takes": takes, "gives": list(network.outputs[0].shape)}
        if self.kind == "generator":
            if len(takes) > 1:
                raise UnusableInput(
                    f"The generator in {self.folder} takes labels too; only "
                    "those of latents alone can be used by name."
                )
            common["latents"] = "standard normal"
            if (self.folder / "classes.json").is_file():
                classes = read_json(self.folder / "classes.json")
                common["classes"] = classes
            return common
        if len(network.inputs[0].shape) != 4:
            raise UnusableInput(
                f"The network in {self.folder} takes volumes; only those of "
                "images can be used by name."
            )
        common["range"] = [-1, 1]
        if self.kind == "classifier":
            return common | {"classes": read_json(self.folder / "classes.json")}
        if self.kind == "style":
            return common | {
                "styles": read_json(self.folder / "styles.json"),
                "apply": "models.tiled_style_transfer.stylise",
            }
        if self.kind == "segmentation":
            common["classes"] = read_json(self.folder / "classes.json")
        scale = network.compute_output_shape((1, 32, 32, 3))[1] // 32
        multiple = 1 << self.arguments.get("depth", 0)
        return common | {
            "scale": scale,
            "multiple": multiple,
            "reach": reach(network.predict_on_batch, scale, multiple),
        }


def read_run(folder: str | pathlib.Path) -> FinishedRun:
    """Returns what the folder of a finished run holds.

    Raises:
        UnusableInput: if the folder holds no finished run, or one of a trainer
            whose network has no other use.
    """
    folder = pathlib.Path(folder)
    settings = read_json(folder / "config.json")
    try:
        trainer = settings["trainer"].partition("_x")[0]
        config = dict(settings["config"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableInput(
            f"{folder / 'config.json'} was not written by a run."
        ) from error
    if trainer not in _NETWORKS:
        raise UnusableInput(f"The network of a run of {trainer} has no use.")
    found = sorted(folder.glob("*.keras"))
    if len(found) != 1:
        raise UnusableInput(
            f"{folder} must hold one .keras file, as a finished run does."
        )
    kind, function = _NETWORKS[trainer]
    architecture.function_of(function)  # registers the layers of the file
    network = load_keras(found[0])
    arguments = _arguments(function, config, network)
    if kind == "generator" and network.inputs[1:] and trainer in _SAMPLERS:
        function = _SAMPLERS[trainer]
        network = import_zoo("models.conditional").of_latents(network)
    return FinishedRun(folder, settings, kind, function, arguments, network)


def read_json(path: pathlib.Path, kind: type = object) -> Any:
    """Returns the contents of a JSON file.

    Args:
        path: The file.
        kind: The class that its contents must have, such as `dict`.

    Raises:
        UnusableInput: if it cannot be read, or holds something else.
    """
    try:
        contents = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UnusableInput(f"{path} cannot be read: {error}") from error
    if not isinstance(contents, kind):
        raise UnusableInput(f"{path} was not written by a run.")
    return contents


def _arguments(function, config, network):
    """Returns arguments by name, from the settings or the network's shapes."""
    shape = np.shape(network.inputs[0])
    known = config | {
        "channels": network.outputs[0].shape[-1],
        "styles": network.inputs[-1].shape[-1],
    }
    if len(shape) >= 4:  # convolutional: images of any size, or volumes
        known |= {"image_size": None, "channels": shape[-1]}
        known["rank"] = len(shape) - 2
        known["classes"] = network.outputs[0].shape[-1]
    else:  # a generator, which may take labels beside its latents
        known["classes"] = sum(t.shape[-1] for t in network.inputs[1:])
    names = inspect.signature(architecture.function_of(function)).parameters
    # A setting that an older version did not have has its default.
    return {name: known[name] for name in names if name in known}
