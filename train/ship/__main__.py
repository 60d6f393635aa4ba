r"""Adds a finished run to the trained models that come with this package.

    python -m train.ship RUN dcgan_shapes64_nearest --data="shapes drawn here" \
        --license=Apache-2.0 --failures="Shapes overlap now and then."

The command builds the network of the run again in float32, with the function
and arguments that the index will name, and checks that it computes what the
run's .keras file computes. It writes a SavedModel to models/pretrained/NAME/, a
small picture to models/pretrained/pictures/, and the settings and scores of the
run to the entry NAME of models/pretrained/index.json. What was there under that
name is replaced only once all of the new model is complete. Status: 0 done, 1 a
file cannot be written, 2 unusable arguments or run.
"""

import hashlib
import pathlib
import sys

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.model_files.atomic import new_path, write_json
from tfupsample.model_files.kinds import is_saved_model
from tfupsample.model_files.loading import read_meta_graph
from tfupsample.model_files.saved_model_ops import check_operations
from tfupsample.pretrained import index as pretrained_index
from tfupsample.pretrained import runs
from tfupsample.pretrained.runs import read_json
from tfupsample.printable import printable
from train.engine.command import argument_parser
from train.networks.weights import in_float32
from train.networks.write import write_saved_model
from train.ship import PLACE
from train.ship.picture import draw
from train.ship.record import scores, training


def ship(run, name, place=PLACE, **said):
    """Writes the entry of a finished run.

    Args:
        run: The folder of the run.
        name: The name of the entry.
        place: The folder of the index.
        **said: What the run does not know: `data`, `license`, `failures`,
            `commit` and `seconds`, of which the last two may be `None`.

    Returns:
        The folder of the SavedModel.

    Raises:
        UnusableInput: if the name cannot be used, or the run is not finished or
            cannot be built again; nothing is written then.
        OSError: if a file cannot be read or written.
    """
    run, place = pathlib.Path(run), pathlib.Path(place)
    folder, index = place / name, place / "index.json"
    pretrained_index.check_name(name)
    listed = _check_place(folder, index)
    finished = runs.read_run(run)
    network = finished.build()
    _compare(in_float32(finished.network), network)
    entry = _describe(finished, network, said)
    place.mkdir(parents=True, exist_ok=True)
    # Both are complete before the first of them gets to its place.
    with new_path(index) as partial_index, new_path(folder) as partial:
        _write(network, partial)
        entry["files"] = _files(partial)
        _write_index(partial_index, listed | {name: entry})
        picture = place / "pictures" / f"{name}.jpg"
        draw(run, finished.kind, network, picture)
    return folder


def _check_place(folder, index):
    """Returns the entries of the index as they are.

    Raises:
        UnusableInput: if the model cannot be written to this folder.
    """
    if folder.exists() and not is_saved_model(folder):
        raise UnusableInput(
            f"{folder} is something else than a trained model. Choose another "
            "name."
        )
    if not index.exists():
        return {}
    pretrained_index.read_index(index)
    return read_json(index)["models"]


def _describe(finished, network, said):
    """Returns the entry of a run, still without its files."""
    return {
        "kind": finished.kind,
        "license": said["license"],
        "data": said["data"],
        "failures": said["failures"],
        "architecture": {
            "function": finished.function,
            "arguments": finished.arguments,
        },
        "parameters": network.count_params(),
        **finished.interface(network),
        "training": training(finished.folder, finished.settings, said),
        "scores": scores(finished.folder),
    }


def _compare(trained, network):
    """Raises `UnusableInput` unless both networks compute the same."""
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
            "The network that was built again does not compute what the run's "
            f"network computes: they differ by up to {worst}."
        )


def _write(network, folder):
    write_saved_model(network, folder)
    # Empty, and no package keeps empty folders.
    (folder / "assets").rmdir()
    check_operations(read_meta_graph(folder), folder)


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


def _write_index(path, models):
    index = {
        "format": pretrained_index.FORMAT,
        "models": dict(sorted(models.items())),
    }
    write_json(path, index)
    pretrained_index.read_index(path)


def main():
    """Runs the command; returns its status."""
    parser = argument_parser("ship", __doc__)
    parser.add_argument("run", help="folder of a finished run")
    parser.add_argument("name", help="name of the entry")
    parser.add_argument(
        "--data", required=True, help="what the network learned from"
    )
    parser.add_argument(
        "--license", required=True, help="license of the weights"
    )
    parser.add_argument(
        "--failures", required=True, help="what the network does badly"
    )
    parser.add_argument(
        "--commit",
        help="commit of the training (default: that of the branch at the time)",
    )
    parser.add_argument("--seconds", type=int, help="duration of the training")
    arguments = vars(parser.parse_args())
    try:
        print(ship(arguments.pop("run"), arguments.pop("name"), **arguments))
    except (UnusableInput, ValueError) as error:
        print(printable(error), file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
