"""Trained models by name.

They lie in the folder `pretrained` of the package `models`; where that holds
their index only, they are downloaded from `TFUPSAMPLE_PRETRAINED_URL`, to which
nothing is trusted: index and hashes are those installed here.
"""

import difflib
import hashlib
import importlib.util
import os
import pathlib
import shutil
from typing import Any

from tfupsample import pretrained_files, pretrained_index
from tfupsample.arguments import one_of
from tfupsample.errors import UnusableInput

URL = "TFUPSAMPLE_PRETRAINED_URL"
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
        kind: `"saved_model"` for what `tf.saved_model.load` returns, a graph
            without layers whose `serve` maps a batch; `"keras"` for a
            `keras.Model` built by the code of this project, with these
            weights, which can be trained, taken apart and saved.

    Raises:
        UnusableInput: if there is no such model, or it cannot be downloaded,
            or one of its files is missing, is not of it or was altered.
        ValueError: for another `kind`.
    """
    one_of("kind", kind, KINDS)
    entry = find_entry(name)
    folder = fetch(entry)
    from tfupsample import loading
    from tfupsample.saved_model_ops import check_operations

    check_operations(loading.read_meta_graph(folder), folder)
    if kind == "saved_model":
        model = loading.load_saved_model(folder)
        # Or `load_pretrained(name).serve(x)` would lose its variables.
        model.serve.model = model
        return model
    from tfupsample.architecture import build

    model = build(entry.function, entry.arguments)
    shapes = [weight.shape for weight in model.weights]
    model.set_weights(loading.saved_weights(folder, shapes))
    return model


def find_entry(name: str) -> pretrained_index.Entry:
    """Returns the `pretrained_index.Entry` of a name.

    Raises:
        UnusableInput: if there is none; the message says which are near.
    """
    entries = _index()
    if isinstance(name, str) and name in entries:
        return entries[name]
    near = difflib.get_close_matches(str(name), entries, 3, 0.4)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UnusableInput(
        f"There is no trained model {name!r}. {hint}tfupsample list shows all."
    )


def fetch(entry: pretrained_index.Entry) -> pathlib.Path:
    """Returns the verified folder of a model; downloads it if need be.

    Raises:
        UnusableInput: as for `load_pretrained`.
    """
    installed = _installed() / entry.name
    folder = installed if _lies(installed) else _cached(entry)
    if not _lies(folder):
        _download(entry, folder)
    pretrained_files.verify(folder, entry.files)
    return folder


def _index():
    return pretrained_index.read_index(_installed() / "index.json")


def _installed():
    """The folder of the index; finding it imports nothing."""
    spec = importlib.util.find_spec("models")
    places = (spec and spec.submodule_search_locations) or [""]
    return pathlib.Path(places[0]) / "pretrained"


def _lies(folder):
    return folder.is_symlink() or folder.exists()


def _cached(entry):
    """A folder of its own for each version of a model."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: a relative path is to be ignored.
    base = pathlib.Path(base if os.path.isabs(base) else "~/.cache")
    words = "".join(sorted(file.sha256 for file in entry.files.values()))
    version = hashlib.sha256(words.encode()).hexdigest()[:12]
    folder = base.expanduser() / "tfupsample" / "pretrained"
    return folder / f"{entry.name}-{version}"


def _download(entry, folder):
    """Moves the folder to its place when it is complete: all or nothing."""
    import filelock

    from tfupsample import mirror

    url = os.environ.get(URL)
    if not url:
        raise UnusableInput(
            f"The files of {entry.name} are not installed. Set {URL} to where "
            "they can be downloaded."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{folder}.lock"):
            if _lies(folder):  # another process was faster
                return
            partial = folder.with_name(folder.name + ".partial")
            partial.mkdir(exist_ok=True)
            pretrained_files.refuse_links(partial)
            mirror.download(
                f"{url.rstrip('/')}/{entry.name}", partial, entry.files
            )
            _verified(partial, entry)
            os.replace(partial, folder)
    except OSError as error:
        raise UnusableInput(
            f"{entry.name} cannot be downloaded to {folder}: {error}"
        ) from error


def _verified(partial, entry):
    """What a download went on from may have been altered meanwhile."""
    try:
        pretrained_files.verify(partial, entry.files)
    except UnusableInput:
        shutil.rmtree(partial)
        raise
