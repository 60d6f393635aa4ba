"""What `.keras` and `.h5` files may hold, checked before Keras reads them.

The safe mode of Keras has been circumvented before, so nothing here rests on
it: members, classes and data sets are compared with what `model.save` writes.
"""

import json
import zipfile

from tfupsample.model_files.hdf5 import check_weights

MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
# These hold programs, or load some from elsewhere.
PROGRAMS = {
    "Lambda",
    "TFSMLayer",
    "TorchModuleWrapper",
    "JaxLayer",
    "FlaxLayer",
    "__lambda__",
}
# Options that say how many weights a layer has.
_SIZES = ("units", "filters", "input_dim", "output_dim", "num_heads", "key_dim")
_MAX_CONFIG = 16 << 20


def read_keras(path, check=True):
    """Returns the configuration of a `.keras` file.

    Nothing is decompressed that is much larger than the file, and nothing
    outside the file is opened.

    Args:
        path: A `pathlib.Path`.
        check: Whether to refuse layers that `keras.Model.save` does not write,
            such as programs.

    Raises:
        Exception: of any kind; the message says what is wrong.
    """
    with zipfile.ZipFile(path) as archive:
        if not check:
            return json.loads(archive.read("config.json"))
        _check_members(archive, path.stat().st_size)
        json.loads(archive.read("metadata.json"))
        config = json.loads(archive.read("config.json"))
        with archive.open("model.weights.h5") as weights:
            size = archive.getinfo("model.weights.h5").file_size
            values = _open_weights(weights, size)
    check_config(config, values)
    return config


def _check_members(archive, size):
    members = archive.infolist()
    names = [member.filename for member in members]
    if sorted(names) != sorted(MEMBERS):
        raise ValueError(f"it must hold {sorted(MEMBERS)}, not {names[:4]}")
    # Keras does not compress, but others may.
    if sum(member.file_size for member in members) > 20 * size + _MAX_CONFIG:
        raise ValueError("it would grow more than twenty times")
    for name in ("metadata.json", "config.json"):
        if archive.getinfo(name).file_size > _MAX_CONFIG:
            raise ValueError(f"{name} is larger than {_MAX_CONFIG} bytes")


def _open_weights(file, size):
    import h5py

    with h5py.File(file, "r") as weights:
        return check_weights(weights, size)


def read_h5(file, size, check=True):
    """Returns the configuration of an `.h5` file.

    Args:
        file: The `h5py.File`.
        size: The size of the file in bytes.
        check: As for `read_keras`.
    """
    text = file.attrs.get("model_config")
    if text is None:
        raise ValueError(
            "it holds weights without a model. Build the model, call "
            "load_weights, and save it as a .keras file"
        )
    config = json.loads(text)
    if check:
        check_config(config, check_weights(file, size))
    return config


def check_config(config, values):
    """Raises if layers hold programs, or more weights than are stored.

    Args:
        config: What `json.loads` returned.
        values: The number of stored weights.
    """
    for part in parts(config):
        if part.get("class_name") in PROGRAMS:
            raise ValueError(
                f"a layer of the class {part['class_name']} holds a program "
                "of its author's (--unsafe runs it)"
            )
        for name in _SIZES:
            size = part.get(name)
            if isinstance(size, (int, float)) and size > values:
                raise ValueError(
                    f"a layer has {size} {name}, more than all weights stored"
                )


def parts(config):
    """Yields each dictionary in a configuration, without recursion."""
    waiting = [config]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            yield part
            waiting += part.values()
