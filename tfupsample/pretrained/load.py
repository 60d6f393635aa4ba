"""Loads trained models by name, from the folder `models/pretrained`."""

import difflib
import pathlib
from typing import Any

from tfupsample.arguments import one_of
from tfupsample.errors import UnusableInput
from tfupsample.pretrained import files, index, zoo

PLACE = zoo.FOLDER / "pretrained"
KINDS = ("saved_model", "keras")


def list_pretrained() -> list[str]:
    """Returns the names of all trained models, sorted."""
    return sorted(_index())


def load_pretrained(name: str, kind: str = "saved_model") -> Any:
    """Returns a trained model.

    ```python
    images = tfupsample.load_pretrained("dcgan_cifar10_nearest").serve(latents)
    ```

    Every file is compared with its published SHA-256 before it is interpreted,
    and the graph is searched for operations that do more than compute.

    Args:
        name: One of `list_pretrained()`.
        kind: `"saved_model"` for the result of `tf.saved_model.load`, a graph
            without layers, whose `serve` maps a batch; `"keras"` for a
            `keras.Model` that the code of this project builds and fills with
            the same weights, to be trained, taken apart or saved.

    Raises:
        UnusableInput: if there is no such model, or if its folder lacks a file,
            or holds one that was altered or does not belong to it.
        ValueError: if `kind` is another one.
    """
    one_of("kind", kind, KINDS)
    entry = find_entry(name)
    folder = fetch(entry)
    from tfupsample.model_files import loading
    from tfupsample.model_files.saved_model_ops import check_operations

    check_operations(loading.read_meta_graph(folder), folder)
    if kind == "saved_model":
        model = loading.load_saved_model(folder)
        # Otherwise `load_pretrained(name).serve(x)` would lose its variables.
        model.serve.model = model
        return model
    from tfupsample.pretrained.architecture import build

    model = build(entry.function, entry.arguments)
    shapes = [weight.shape for weight in model.weights]
    model.set_weights(loading.saved_weights(folder, shapes))
    return model


def find_entry(name: str) -> index.Entry:
    """Returns the entry of the index with a name.

    Raises:
        UnusableInput: if there is none; the message names similar ones.
    """
    entries = _index()
    if isinstance(name, str) and name in entries:
        return entries[name]
    near = difflib.get_close_matches(str(name), entries, 3, 0.4)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UnusableInput(
        f"There is no trained model {name!r}. {hint}tfupsample list "
        "shows them all."
    )


def fetch(entry: index.Entry) -> pathlib.Path:
    """Returns the folder of a model after verifying every file in it.

    Raises:
        UnusableInput: as for `load_pretrained`.
    """
    folder = PLACE / entry.name
    files.verify(folder, entry.files)
    return folder


def _index():
    return index.read_index(PLACE / "index.json")
