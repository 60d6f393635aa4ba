"""Graphs are followed through functions, and only so far."""

import pytest
from tensorflow.core.framework import graph_pb2

from tfupsample.model_files.graph import Graph


def node(parent, name, op, *inputs, calls=None):
    made = parent.add(name=name, op=op, input=inputs)
    if calls:
        made.attr["f"].func.name = calls


def function(graph, name, result, arguments=("x",)):
    made = graph.library.function.add()
    made.signature.name = name
    for argument in arguments:
        made.signature.input_arg.add(name=argument)
    made.signature.output_arg.add(name="y")
    made.ret["y"] = result
    return made.node_def


@pytest.fixture
def graph():
    graph = graph_pb2.GraphDef()
    node(graph.node, "x", "Placeholder")
    return graph


CALL = "StatefulPartitionedCall"


def test_functions_are_inlined_in_order(graph):
    body = function(graph, "twice", "b:y:0")
    node(body, "a", "Relu", "x")
    node(body, "b", "Tanh", "a:activations:0", "^a")
    node(graph.node, "first", CALL, "x", calls="twice")
    node(graph.node, "second", CALL, "first:0", calls="twice")
    nodes, (end,) = Graph(graph).nodes(["second:0"])
    assert [n.op for n in nodes] == ["Placeholder", "Relu", "Tanh"] + [
        "Relu",
        "Tanh",
    ]
    assert [n.name for n in nodes[1:3]] == ["first/a", "first/b"]
    assert end.node is nodes[-1]
    assert nodes[3].inputs[0].node is nodes[2]


def laughs(graph):
    """Functions that call the one before twice."""
    function(graph, "f0", "x")
    for i in range(40):
        body = function(graph, f"f{i + 1}", "b:y:0")
        node(body, "a", CALL, "x", calls=f"f{i}")
        node(body, "b", CALL, "a:y:0", calls=f"f{i}")
    node(graph.node, "y", CALL, "x", calls="f40")


def recursion(graph):
    node(function(graph, "f", "a:y:0"), "a", CALL, "x", calls="f")
    node(graph.node, "y", CALL, "x", calls="f")


def cycle(graph):
    node(graph.node, "y", "Add", "x", "z")
    node(graph.node, "z", "Relu", "y")


def cycle_of_a_call(graph):
    function(graph, "f", "x")
    node(graph.node, "y", CALL, "y", calls="f")


def nothing(graph):
    node(graph.node, "y", "Relu", "z")


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage, said",
    [
        (laughs, "too large"),
        (recursion, "too deep"),
        (cycle, "cycle"),
        (cycle_of_a_call, "too large"),
        (nothing, "lacks the node 'z'"),
    ],
)
def test_damaged_graphs_are_refused(graph, damage, said):
    damage(graph)
    with pytest.raises(ValueError, match=said):
        Graph(graph).nodes(["y:0"])


def test_long_chains_need_no_recursion(graph):
    node(graph.node, "n0", "Relu", "x")
    for i in range(20_000):
        node(graph.node, f"n{i + 1}", "Relu", f"n{i}")
    nodes, _ = Graph(graph).nodes(["n20000:0"])
    assert len(nodes) == 20_002
