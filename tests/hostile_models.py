"""Damaged and hostile versions of a trained model, each made by a function.

Each function changes a copy of a model that is shipped, or its index.
"""

import hashlib
import io
import json
import os
import shutil
import zipfile

import h5py
import keras
import numpy as np

NAME = "dcgan_cifar10_nearest"
PB = "saved_model.pb"
DATA = "variables/variables.data-00000-of-00001"


def replace(path, content):
    path.unlink()
    path.write_bytes(content)


def flip(path, position=1000):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def moved(path, target):
    """Moves a file and puts a link in its place."""
    path.rename(target)
    path.symlink_to(target)


def sparse(path):
    path.unlink()
    with open(path, "wb") as file:
        file.truncate(1 << 40)


def folder_for_file(path):
    path.unlink()
    path.mkdir()


def no_folder(folder):
    shutil.rmtree(folder)
    folder.write_bytes(b"")


FOLDERS = {
    "truncated graph": lambda f: os.truncate(f / PB, 100),
    "truncated weights": lambda f: os.truncate(f / DATA, 100),
    "empty graph": lambda f: os.truncate(f / PB, 0),
    "altered graph": lambda f: flip(f / PB),
    "altered weights": lambda f: flip(f / DATA),
    "longer weights": lambda f: os.truncate(f / DATA, 1 << 21),
    "huge weights": lambda f: sparse(f / DATA),
    "missing index": lambda f: (f / "variables/variables.index").unlink(),
    "missing weights": lambda f: shutil.rmtree(f / "variables"),
    "one file more": lambda f: (f / "run.py").write_text("boom"),
    "one file more inside": lambda f: (f / "variables/x").write_text("boom"),
    "linked graph": lambda f: moved(f / PB, f.parent / "elsewhere.pb"),
    "linked weights": lambda f: moved(f / "variables", f.parent / "elsewhere"),
    "linked model": lambda f: moved(f, f.parent / "elsewhere"),
    "dangling link": lambda f: (f / "assets").symlink_to("/nowhere"),
    "pipe": lambda f: ((f / PB).unlink(), os.mkfifo(f / PB)),
    "folder for a file": lambda f: folder_for_file(f / PB),
    "no folder": no_folder,
}


def card(index):
    return index["models"][NAME]


def rename_file(index, name):
    files = card(index)["files"]
    files[name] = files.pop(PB)


def build_by(index, function=None, **arguments):
    architecture = card(index)["architecture"]
    architecture["function"] = function or architecture["function"]
    architecture["arguments"] |= arguments


def one_size(index, size):
    card(index)["files"][PB]["size"] = size


def one_hash(index, digest):
    card(index)["files"][PB]["sha256"] = digest


# Functions that change what the index says, and still write an index.
INDEXES = {
    "other format": lambda i: i.update(format=2),
    "no format": lambda i: i.pop("format"),
    "list of models": lambda i: i.update(models=[NAME]),
    "no models": lambda i: i.pop("models"),
    "text for a model": lambda i: i["models"].update({NAME: "x"}),
    "null for a model": lambda i: i["models"].update({NAME: None}),
    "no files": lambda i: card(i).update(files={}),
    "list of files": lambda i: card(i).update(files=[PB]),
    "no kind": lambda i: card(i).pop("kind"),
    "other kind": lambda i: card(i).update(kind="program"),
    "list for a kind": lambda i: card(i).update(kind=["style"]),
    "text for a size": lambda i: one_size(i, "9"),
    "negative size": lambda i: one_size(i, -1),
    "true for a size": lambda i: one_size(i, True),
    "fractional size": lambda i: one_size(i, 1.5),
    "huge size": lambda i: one_size(i, 10**15),
    "short hash": lambda i: one_hash(i, "ab"),
    "number for a hash": lambda i: one_hash(i, 7),
    "null for a hash": lambda i: one_hash(i, None),
    "absolute path": lambda i: rename_file(i, "/etc/passwd"),
    "path to above": lambda i: rename_file(i, "../index.json"),
    "path to above inside": lambda i: rename_file(i, "variables/../../x"),
    "backslashes": lambda i: rename_file(i, "..\\x"),
    "drive": lambda i: rename_file(i, "C:x"),
    "NUL": lambda i: rename_file(i, "x\0y"),
    "line break": lambda i: rename_file(i, "x\n"),
    "empty path": lambda i: rename_file(i, ""),
    "dot": lambda i: rename_file(i, "."),
    "doubled slash": lambda i: rename_file(i, "a//b"),
    "long path": lambda i: rename_file(i, "x" * 5000),
    "two files but for case": lambda i: card(i)["files"].update(
        {PB.upper(): card(i)["files"][PB]}
    ),
    "name that leads above": lambda i: i["models"].update(
        {"../x": i["models"].pop(NAME)}
    ),
    "name with NUL": lambda i: i["models"].update(
        {NAME + "\0": i["models"].pop(NAME)}
    ),
    "number for a function": lambda i: card(i)["architecture"].update(
        function=7
    ),
    "list of arguments": lambda i: card(i)["architecture"].update(arguments=[]),
    "no architecture": lambda i: card(i).pop("architecture"),
}

# What the index may say but what is refused when it is built.
ARCHITECTURES = {
    "function of the system": lambda i: build_by(i, "os.system"),
    "function of another module": lambda i: build_by(i, "models.dcgan.one_of"),
    "module of a module": lambda i: build_by(i, "models.dcgan.keras.Model"),
    "private function": lambda i: build_by(i, "models.dcgan._normed_relu"),
    "unknown module": lambda i: build_by(i, "models.nothing.generator"),
    "no model": lambda i: build_by(i, "models.dcgan.stages"),
    "other model": lambda i: build_by(i, width=16),
    "unknown argument": lambda i: build_by(i, command="rm"),
    "huge argument": lambda i: build_by(i, width=10**9),
    "nested argument": lambda i: build_by(i, upsample=["nearest"]),
    "infinite argument": lambda i: build_by(i, width=float("inf")),
    "refused argument": lambda i: build_by(i, upsample="no such"),
}


def text(name):
    """Of an index that no JSON writer writes."""
    return {
        "no JSON": b"models",
        "nothing": b"",
        "array": b"[]",
        "number": b"7",
        "no UTF-8": b"\xff\xfe\x00",
        "nested": b"[" * 100_000,
        "long number": b'{"format": ' + b"9" * 100_000 + b"}",
        "large": b" " * (5 << 20),
        "name twice": b'{"format": 1, "format": 1, "models": {}}',
    }[name]


TEXTS = (
    "no JSON",
    "nothing",
    "array",
    "number",
    "no UTF-8",
    "nested",
    "long number",
    "large",
    "name twice",
)


def _serving(graph):
    """The function that computes."""
    functions = graph.graph_def.library.function
    return next(f for f in functions if "Conv2D" in {n.op for n in f.node_def})


def _saver(graph):
    functions = graph.graph_def.library.function
    return next(f for f in functions if "SaveV2" in {n.op for n in f.node_def})


def adds(operation):
    def change(saved):
        node = _serving(saved.meta_graphs[0]).node_def.add()
        node.name, node.op = "added", operation

    return change


def calls_saver(saved):
    graph = saved.meta_graphs[0]
    node = _serving(graph).node_def.add()
    node.name, node.op = "added", "StatefulPartitionedCall"
    node.attr["f"].func.name = _saver(graph).signature.name


def adds_to_saver(saved):
    node = _saver(saved.meta_graphs[0]).node_def.add()
    node.name, node.op = "added", "WriteFile"


def adds_at_the_top(saved):
    node = saved.meta_graphs[0].graph_def.node.add()
    node.name, node.op = "added", "ReadFile"


def adds_table(saved):
    saved.meta_graphs[0].object_graph_def.nodes.add().resource.device = "x"


def adds_asset(saved):
    nodes = saved.meta_graphs[0].object_graph_def.nodes
    nodes.add().asset.asset_file_def_index = 0


# Changes of the graph whose hash the index then gives.
GRAPHS = {
    "writes files": adds("WriteFile"),
    "reads files": adds("ReadFile"),
    "runs Python": adds("PyFunc"),
    "runs Python eagerly": adds("EagerPyFunc"),
    "loads code": adds("LoadLibrary"),
    "writes checkpoints": adds("SaveV2"),
    "moves checkpoints": adds("MergeV2Checkpoints"),
    "prints": adds("PrintV2"),
    "calls what saves": calls_saver,
    "saves more": adds_to_saver,
    "reads at the top": adds_at_the_top,
    "holds a table": adds_table,
    "holds an asset": adds_asset,
    "holds two graphs": lambda s: s.meta_graphs.add(),
    "holds no graph": lambda s: s.ClearField("meta_graphs"),
}


def small_keras(path):
    """Writes a `.keras` file of one layer, and returns its members."""
    keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3)]).save(
        path
    )
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def of_class(name, module="keras.layers", **config):
    def change(members):
        whole = json.loads(members["config.json"])
        layer = whole["config"]["layers"][-1]
        layer |= {"class_name": name, "module": module, "registered_name": name}
        layer["config"] |= config
        members["config.json"] = json.dumps(whole).encode()

    return change


def weights(write):
    """Replaces the weights by what `write` writes to an `h5py.File`."""

    def change(members):
        content = io.BytesIO(members["model.weights.h5"])
        with h5py.File(content, "r+") as file:
            vars_ = file["layers/conv2d/vars"]
            del vars_["0"]
            write(vars_)
        members["model.weights.h5"] = content.getvalue()

    return change


def _virtual(group):
    layout = h5py.VirtualLayout((3, 3, 1, 1), "float32")
    layout[...] = h5py.VirtualSource("/etc/hosts", "x", (3, 3, 1, 1))
    group.create_virtual_dataset("0", layout)


def _laugh(group):
    """Groups of which each is linked twice: 2^40 ways to the last."""
    group.create_dataset("0", (3, 3, 1, 1), "float32")
    for _ in range(40):
        inner = group.create_group("a")
        group["b"] = inner
        group = inner


def larger(members):
    """Declares 3 GB of weights and stores none of them."""
    of_class("Dense", units=400_000_000)(members)


def deep(members):
    members["config.json"] = b'{"a":' * 50_000 + b"1" + b"}" * 50_000


KERAS = {
    "Lambda": of_class("Lambda"),
    "TFSMLayer": of_class("TFSMLayer", filepath="/tmp"),
    "unregistered class": of_class("Unknown", None),
    "function as a class": of_class("system", "os"),
    "switch of the safe mode": of_class(
        "function",
        "keras.config",
        function="enable_unsafe_deserialization",
    ),
    "no configuration": lambda m: m.pop("config.json"),
    "configuration no JSON": lambda m: m.update({"config.json": b"\0"}),
    "nested configuration": deep,
    "bomb": lambda m: m.update({"config.json": b" " * (40 << 20)}),
    "member above": lambda m: m.update({"../evil": b"x"}),
    "absolute member": lambda m: m.update({"/tmp/evil": b"x"}),
    "asset": lambda m: m.update({"assets/vocabulary.txt": b"x"}),
    "pickle": lambda m: m.update({"model.pkl": b"cos\nsystem\n."}),
    "other weights": lambda m: m.update({"model.weights.h5": b"\x89HDF"}),
    "external storage": weights(
        lambda g: g.create_dataset(
            "0", (3, 3, 1, 1), "float32", external=[("/etc/hosts", 0, 36)]
        )
    ),
    "shape bomb": weights(
        lambda g: g.create_dataset(
            "0", (1 << 20, 1 << 20), "float32", chunks=(16, 16)
        )
    ),
    "compressed bomb": weights(
        lambda g: g.create_dataset(
            "0", data=np.zeros((4096, 4096), "float32"), compression=9
        )
    ),
    "soft link": weights(
        lambda g: g.__setitem__("0", h5py.SoftLink("/layers/conv2d/vars/1"))
    ),
    "external link": weights(
        lambda g: g.__setitem__("0", h5py.ExternalLink("/etc/hosts", "x"))
    ),
    "virtual data set": weights(_virtual),
    "text for weights": weights(
        lambda g: g.create_dataset(
            "0", data=["x"] * 9, dtype=h5py.string_dtype()
        )
    ),
    "cycle": weights(lambda g: g.__setitem__("0", g.file["/"])),
    "groups linked twice": weights(_laugh),
    "large chunk": weights(
        lambda g: g.create_dataset(
            "0",
            (3, 3, 1, 1),
            "float32",
            chunks=(1 << 13,) * 2 + (1, 1),
            maxshape=(None,) * 4,
        )
    ),
    "deep groups": weights(lambda g: g.create_group("a/" * 500)),
    "more weights than stored": larger,
}


def small_h5(path):
    """Writes an `.h5` file of one layer as Keras 2 did."""
    keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Conv2DTranspose(1, 3)]
    ).save(path)
    change_h5_config(path, lambda layer: layer["config"].update(groups=1))


def change_h5_config(path, change):
    """Changes the configuration of the last layer."""
    with h5py.File(path, "r+") as file:
        whole = json.loads(file.attrs["model_config"])
        change(whole["config"]["layers"][-1])
        file.attrs["model_config"] = json.dumps(whole)


def change_h5(change):
    def apply(path):
        with h5py.File(path, "r+") as file:
            change(file)

    return apply


H5 = {
    "Lambda": lambda path: change_h5_config(
        path, lambda layer: layer.update(class_name="Lambda")
    ),
    "more weights than stored": lambda path: change_h5_config(
        path, lambda layer: layer["config"].update(filters=10**9)
    ),
    "weights alone": change_h5(lambda f: f.attrs.pop("model_config")),
    "nested configuration": change_h5(
        lambda f: f.attrs.modify("model_config", "[" * 9999)
    ),
    "number for a configuration": change_h5(
        lambda f: f.attrs.__setitem__("model_config", 7)
    ),
    "soft link": change_h5(
        lambda f: f["model_weights"].__setitem__("x", h5py.SoftLink("/"))
    ),
    "external link": change_h5(
        lambda f: f.__setitem__("x", h5py.ExternalLink("/etc/hosts", "x"))
    ),
    "groups linked twice": change_h5(lambda f: _laugh(f["model_weights"])),
    "no weights": change_h5(lambda f: f.__delitem__("model_weights")),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
}


# Left to Keras, which knows its classes and where it looks for weights.
LEFT_TO_KERAS = {
    "deep groups",
    "unregistered class",
    "function as a class",
    "switch of the safe mode",
}


def write_keras(path, change):
    """Writes a `.keras` file whose members a function changed."""
    members = small_keras(path)
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def mutated(content, rng):
    """Content with up to 8 bytes changed, or a piece cut out."""
    content = bytearray(content)
    if rng.random() < 0.2:
        start = rng.integers(len(content))
        del content[start : start + rng.integers(1, 1000)]
    for _ in range(rng.integers(1, 9) if content else 0):
        content[rng.integers(len(content))] ^= rng.integers(1, 256)
    return bytes(content)


def mutate_member(path, rng):
    """Changes a member of an archive, whose checksum then fits."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(members)[rng.integers(len(members))]
    members[name] = mutated(members[name], rng)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def rehash(folder, index):
    """Lets the index say what a file has become: the hash alone is no proof."""
    content = (folder / PB).read_bytes()
    card(index)["files"][PB] = {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
