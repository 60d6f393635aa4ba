"""What a `.keras` file may hold, checked before Keras reads it.

The safe mode of Keras has been got round before. So nothing here rests on it:
members, classes and data sets are compared with what `model.save` writes.
"""

import json
import zipfile

MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
# They hold programs, or load some from elsewhere.
PROGRAMS = {
    "Lambda",
    "TFSMLayer",
    "TorchModuleWrapper",
    "JaxLayer",
    "FlaxLayer",
}
_MAX_CONFIG = 16 << 20
_DEPTH = 64  # of groups in the weights


def check(path):
    """Raises unless a file is what `keras.Model.save` makes of layers.

    Nothing is decompressed that is much larger than the file, and nothing
    outside the file is opened.

    Args:
        path: A `pathlib.Path`.

    Raises:
        Exception: of any kind; the message says what is wrong.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if sorted(names) != sorted(MEMBERS):
            raise ValueError(f"it must hold {sorted(MEMBERS)}, not {names[:4]}")
        # Keras does not compress, others may.
        limit = 20 * path.stat().st_size + _MAX_CONFIG
        if sum(member.file_size for member in members) > limit:
            raise ValueError("it would grow more than twenty times")
        for name in ("metadata.json", "config.json"):
            _check_config(archive, name)
        with archive.open("model.weights.h5") as weights:
            _check_weights(weights, archive.getinfo("model.weights.h5"))


def _check_config(archive, name):
    if archive.getinfo(name).file_size > _MAX_CONFIG:
        raise ValueError(f"{name} is larger than {_MAX_CONFIG} bytes")
    waiting = [json.loads(archive.read(name))]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            if part.get("class_name") in PROGRAMS:
                raise ValueError(
                    f"a layer of the class {part['class_name']} holds a "
                    "program of its author's"
                )
            waiting += part.values()


def _check_weights(file, member):
    import h5py

    with h5py.File(file, "r") as weights:
        total = _bytes(weights, _DEPTH)
    if total > member.file_size:
        raise ValueError(
            f"weights of {total} bytes cannot be in {member.file_size}"
        )


def _bytes(group, depth):
    """Of all data sets in a group; refuses what lies elsewhere."""
    import h5py

    if not depth:
        raise ValueError("its groups are nested too deep")
    total = 0
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{name!r} is a link")
        item = group[name]
        if isinstance(item, h5py.Group):
            total += _bytes(item, depth - 1)
        elif item.external or item.is_virtual or item.dtype.hasobject:
            raise ValueError(f"{name!r} holds no numbers of its own")
        else:
            total += item.nbytes
    return total
