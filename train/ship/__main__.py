r"""Adds a finished run to the trained models that come with this package.

    python -m train.ship RUN dcgan_shapes64_nearest --data="shapes drawn here" \
        --license=Apache-2.0 --failures="Shapes overlap now and then."

The network of the run is built again by the function and arguments that the
index then names, in float32; it must compute what the run's .keras file
computes. Its SavedModel goes to models/pretrained/NAME/, a small picture to
models/pretrained/pictures/, and what the run left of settings and scores to
models/pretrained/index.json, whose entry NAME is replaced. Status: 0 done, 2
unusable arguments or run.
"""

import argparse
import hashlib
import inspect
import pathlib
import sys

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.model_files.atomic import new_path, write_json
from tfupsample.model_files.loading import read_meta_graph
from tfupsample.model_files.saved_model_ops import check_operations
from tfupsample.pretrained import architecture
from tfupsample.pretrained import index as pretrained_index
from train.networks.load import load_network
from train.networks.weights import copy_weights, in_float32
from train.networks.write import write_saved_model
from train.ship.picture import draw
from train.ship.reach import reach
from train.ship.record import read_json, scores, training

PLACE = pathlib.Path("models/pretrained")

# Of each trainer: what its network does, and what builds it.
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
}


def ship(run, name, place=PLACE, **said):
    """Writes the entry of a run.

    Args:
        run: Its folder.
        name: Of the entry.
        place: Folder of the index.
        **said: What the index says beside what the run left: `data`, `license`,
            `failures`, `commit` and `seconds`, the last two perhaps `None`.

    Returns:
        The folder of the SavedModel.

    Raises:
        UnusableInput: if the run is not finished or cannot be built again.
    """
    run, place = pathlib.Path(run), pathlib.Path(place)
    settings = read_json(run / "config.json")
    trainer = settings["trainer"].partition("_x")[0]
    if trainer not in _NETWORKS:
        raise UnusableInput(f"Runs of {trainer} are not shipped.")
    kind, function = _NETWORKS[trainer]
    trained = in_float32(load_network(run))
    arguments = _arguments(function, settings["config"], trained)
    network = architecture.build(function, arguments)
    copy_weights(trained, network)
    _compare(trained, network)
    folder = _write(network, place / name)
    entry = {
        "kind": kind,
        "license": said["license"],
        "data": said["data"],
        "failures": said["failures"],
        "architecture": {"function": function, "arguments": arguments},
        "parameters": network.count_params(),
        **_interface(kind, network, arguments, run),
        "training": training(run, settings, said),
        "scores": scores(run),
        "files": _files(folder),
    }
    draw(run, kind, network, place / "pictures" / f"{name}.jpg")
    _enter(place / "index.json", name, entry)
    return folder


def _arguments(function, config, network):
    """Arguments by name, from the settings or from the network's shapes."""
    shape = np.shape(network.inputs[0])
    known = config | {
        "channels": network.outputs[0].shape[-1],
        "classes": network.outputs[0].shape[-1],
        "styles": network.inputs[-1].shape[-1],
    }
    if len(shape) == 4:  # convolutional: pictures of any size
        known |= {"image_size": None, "channels": shape[-1]}
    names = inspect.signature(architecture.function_of(function)).parameters
    # A setting that a former version did not know has its default.
    return {name: known[name] for name in names if name in known}


def _compare(trained, network):
    """Raises unless both compute the same."""
    rng = np.random.default_rng(0)
    inputs = [
        rng.uniform(-1, 1, [2, *(n or 32 for n in t.shape[1:])]).astype(
            "float32"
        )
        for t in trained.inputs
    ]
    outputs = [
        model.predict_on_batch(inputs if inputs[1:] else inputs[0])
        for model in (trained, network)
    ]
    worst = np.abs(outputs[0] - outputs[1]).max()
    if not worst < 1e-4:
        raise UnusableInput(
            "The network built again does not compute what the run's does: up "
            f"to {worst} apart."
        )


def _write(network, folder):
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_path(folder) as partial:
        write_saved_model(network, partial)
        # Empty, and no package keeps empty folders.
        (partial / "assets").rmdir()
        check_operations(read_meta_graph(partial), partial)
    return folder


def _files(folder):
    contents = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return {
        path: {
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for path, content in contents.items()
    }


def _interface(kind, network, arguments, run):
    """What it takes and gives, and what tiles must know."""
    takes = {t.name: list(t.shape) for t in network.inputs}
    gives = list(network.outputs[0].shape)
    interface = {"takes": takes, "gives": gives}
    if kind == "generator":
        return interface | {"latents": "standard normal"}
    interface["range"] = [-1, 1]
    if kind == "classifier":
        return interface | {"classes": read_json(run / "classes.json")}
    if kind == "style":
        return interface | {
            "styles": read_json(run / "styles.json"),
            "apply": "models.tiled_style_transfer.stylise",
        }
    scale = network.compute_output_shape((1, 32, 32, 3))[1] // 32
    multiple = 1 << arguments.get("depth", 0)
    return interface | {
        "scale": scale,
        "multiple": multiple,
        "reach": reach(network.predict_on_batch, scale, multiple),
    }


def _enter(path, name, entry):
    index = read_json(path) if path.exists() else {"models": {}}
    models = index["models"] | {name: entry}
    index = {
        "format": pretrained_index.FORMAT,
        "models": dict(sorted(models.items())),
    }
    write_json(path, index)
    pretrained_index.read_index(path)


def main():
    """Runs the command; returns its status."""
    parser = argparse.ArgumentParser(
        "python -m train.ship",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", help="folder of a finished run")
    parser.add_argument("name", help="of the entry")
    parser.add_argument("--data", required=True, help="what it learned from")
    parser.add_argument("--license", required=True, help="of the weights")
    parser.add_argument("--failures", required=True, help="what it does badly")
    parser.add_argument(
        "--commit", help="of the training; the branch's at the time if left out"
    )
    parser.add_argument("--seconds", type=int, help="that the training took")
    arguments = vars(parser.parse_args())
    try:
        print(ship(arguments.pop("run"), arguments.pop("name"), **arguments))
    except (UnusableInput, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
