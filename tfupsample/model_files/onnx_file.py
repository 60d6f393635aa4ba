"""Reads an ONNX file, which is not to be trusted."""

import pathlib

from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import unusable

LEAST_OPSET = 11
_MOST_NODES = 100_000
_EXTRA = "pip install 'tfupsample[onnx]'"


def read_onnx(path):
    """Returns the `onnx.ModelProto` of a file, with its functions inlined.

    Args:
        path: The file.

    Raises:
        UnusableInput: if packages are missing, if the file is damaged, or if it
            needs other files, an older set of operations, or more nodes than a
            network has.
    """
    onnx = _onnx(path)
    with unusable(path):
        model = onnx.ModelProto.FromString(pathlib.Path(path).read_bytes())
        _name_domains(model)
        _check(onnx, model)
        if model.functions:
            model = onnx.inliner.inline_local_functions(model)
        _check_order(model.graph)
    return model


def _onnx(path):
    """Imports what reads and runs ONNX."""
    try:
        import onnx
        import onnx.inliner
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise UnusableInput(
            f"{path} needs a package that is not installed ({error}): {_EXTRA}."
        ) from error
    return onnx


def _name_domains(model):
    """Uses one of the two names of the standard operations."""
    for each in (*model.opset_import, *model.graph.node):
        if each.domain == "ai.onnx":
            each.domain = ""


def _check(onnx, model):
    if not model.graph.node or not model.graph.output:
        raise ValueError("it holds no graph that computes an output")
    opset = next((o.version for o in model.opset_import if not o.domain), None)
    newest = onnx.defs.onnx_opset_version()
    if opset is None or not LEAST_OPSET <= opset <= newest:
        raise ValueError(
            f"it has opset {opset}, and opsets {LEAST_OPSET} to {newest} are "
            "read; onnx.version_converter converts files"
        )
    _check_size(model)
    external = onnx.TensorProto.EXTERNAL
    for tensor in _tensors(model):
        if min(tensor.dims, default=0) < 0:
            raise ValueError(f"{tensor.name} has a negative size")
        if tensor.data_location == external:
            raise ValueError(
                "its weights are in other files, which are not opened; save it "
                "again by onnx.save_model with save_as_external_data=False"
            )


def _check_size(model):
    """Refuses a graph that has too many nodes once functions are inlined."""
    functions = {(f.domain, f.name, f.overload): f for f in model.functions}
    sizes = {}

    def size(nodes, depth=0):
        if depth > len(functions):
            raise ValueError("its functions call one another over and over")
        count = 0
        for node in nodes:
            key = node.domain, node.op_type, node.overload
            if key in functions and key not in sizes:
                sizes[key] = size(functions[key].node, depth + 1)
            count += sizes.get(key, 1)
        return count

    count = size(model.graph.node)
    if count > _MOST_NODES:
        raise ValueError(f"it has {count} nodes, more than {_MOST_NODES}")


def _tensors(model):
    """Yields the tensors that are stored at the top of a model."""
    yield from model.graph.initializer
    for node in [
        *model.graph.node,
        *(n for f in model.functions for n in f.node),
    ]:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t


def _check_order(graph):
    """Refuses a graph with cycles, or with inputs that nothing makes."""
    made = {""} | {x.name for x in (*graph.input, *graph.initializer)}
    made |= {x.values.name for x in graph.sparse_initializer}
    for node in graph.node:
        missing = set(node.input) - made
        if missing:
            raise ValueError(
                f"nothing before the node {node.name!r} makes its input "
                f"{min(missing)!r}"
            )
        again = made.intersection(filter(None, node.output))
        if again:
            raise ValueError(f"several nodes make {min(again)!r}")
        made.update(node.output)
    for output in graph.output:
        if output.name not in made:
            raise ValueError(f"nothing makes its output {output.name!r}")
