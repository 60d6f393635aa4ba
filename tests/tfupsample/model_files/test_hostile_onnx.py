"""Damaged and hostile ONNX files: refused in a sentence, or read in time."""

import time

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx_graphs import model_of, node, noise

from tfupsample.errors import UnusableInput
from tfupsample.inspection.onnx.inspect import inspect_onnx
from tfupsample.model_files import onnx_file, sandbox
from tfupsample.model_files.loading import load_keras


def up(**changes):
    return model_of(
        [node("ConvTranspose", "x w", strides=[2, 2])],
        w=noise(2, 2, 3, 3),
        **changes,
    )


def external(model):
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/hosts"


def external_constant(model):
    value = onnx.TensorProto()
    value.CopyFrom(model.graph.initializer[0])
    constant = helper.make_node("Constant", [], ["c"], value=value)
    model.graph.node.insert(0, constant)
    stored = model.graph.node[0].attribute[0].t
    stored.data_location = onnx.TensorProto.EXTERNAL


def cycle(model):
    model.graph.node[0].input[0] = "z"
    model.graph.node.append(node("Relu", "y", "z"))


def made_twice(model):
    model.graph.node.append(node("Relu", "x", "y"))


def many_nodes(model):
    model.graph.node.extend([node("Relu", "x", f"r{i}") for i in range(1001)])


def calls_itself(model):
    _add_function(model, "F", ["F"])


def calls_twice_as_often(model):
    """2^40 nodes once inlined."""
    for i in range(40):
        _add_function(model, f"F{i}", [f"F{i + 1}"] * 2)
    model.graph.node[0].op_type = "F0"


def _add_function(model, name, called):
    nodes = [
        helper.make_node(inner, ["a"], [f"b{i}"], domain="f")
        for i, inner in enumerate(called)
    ]
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]
    function = helper.make_function("f", name, ["a"], ["b0"], nodes, imports)
    model.functions.append(function)
    model.graph.node.insert(0, node(name, "x", f"called {name}"))
    model.graph.node[0].domain = "f"
    if len(model.functions) == 1:
        model.opset_import.append(helper.make_opsetid("f", 1))


def larger_than_stored(model):
    model.graph.initializer[0].dims[0] = 1 << 40


def negative(model):
    model.graph.initializer[0].dims[0] = -2


def no_strides(model):
    model.graph.node[0].attribute[0].ints[0] = 0


def no_outputs(model):
    del model.graph.output[:]


REFUSED = {
    "external weights": (external, "other files"),
    "external constant": (external_constant, "other files"),
    "cycle": (cycle, "makes its input"),
    "made twice": (made_twice, "several nodes"),
    "old": (lambda m: setattr(m.opset_import[0], "version", 9), "opset 9"),
    "new": (lambda m: setattr(m.opset_import[0], "version", 999), "opset 999"),
    "no opset": (lambda m: m.ClearField("opset_import"), "opset None"),
    "many nodes": (many_nodes, "1002 nodes"),
    "calls itself": (calls_itself, "over and over"),
    "calls twice as often": (calls_twice_as_often, "nodes, more than"),
    "larger than stored": (larger_than_stored, "cannot be loaded"),
    "negative": (negative, "negative size"),
    "no strides": (no_strides, "ConvTranspose"),
    "no outputs": (no_outputs, "no graph"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_a_sentence(name, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "_MOST_NODES", 1000)
    change, said = REFUSED[name]
    model = up()
    change(model)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    began = time.process_time()
    with pytest.raises(UnusableInput, match=said) as caught:
        inspect_onnx(path, 2)
    assert len(str(caught.value)) < 1000
    assert time.process_time() - began < 5


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08" * 100])
def test_other_files(content, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(UnusableInput):
        inspect_onnx(path)


def test_truncated_anywhere(tmp_path):
    content = up().SerializeToString()
    path = tmp_path / "model.onnx"
    for size in range(0, len(content), 7):
        path.write_bytes(content[:size])
        with pytest.raises(UnusableInput):
            inspect_onnx(path, 0)


def test_huge_constants_are_not_made(tmp_path):
    model = model_of(
        [
            node("ConstantOfShape", "sizes", "c"),
            node("ReduceSum", "c", "s", keepdims=0),
            node("ConvTranspose", "x w", "h", strides=[2, 2]),
            node("Add", "h s"),
        ],
        w=noise(2, 2, 3, 3),
        sizes=np.array([1 << 20, 1 << 20]),
    )
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    inspection = inspect_onnx(path, 0)
    assert inspection.has("paints")


def test_what_needs_keras_says_so(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(up().SerializeToString())
    with pytest.raises(UnusableInput, match="is an ONNX file"):
        load_keras(path)


@pytest.mark.slow
def test_an_unchanged_file_is_inspected_under_limits(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(up().SerializeToString())
    request = {"path": str(path), "samples": 4}
    function = "tfupsample.inspection.inspect_file:inspect_file"
    answer = sandbox.call(function, request, path)
    assert answer["probe"]["samples"] == 4
    assert {f["severity"] for f in answer["findings"]} == {
        "paints",
        "may paint",
    }


@pytest.mark.soak
def test_changed_bytes(tmp_path, rng):
    from hostile_models import mutated

    content = up().SerializeToString()
    path = tmp_path / "model.onnx"
    refused = 0
    for _ in range(2000):
        path.write_bytes(mutated(content, rng))
        try:
            inspect_onnx(path, 2)
        except UnusableInput:
            refused += 1
    assert 200 < refused < 2000
