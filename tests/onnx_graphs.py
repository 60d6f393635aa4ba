"""Small ONNX graphs, of which each test knows the verdict by hand."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def node(op, inputs, output="y", **attributes):
    """One node; its inputs are given as names with spaces between them."""
    return helper.make_node(
        op, inputs.split(" "), [output], name=f"{op}_{output}", **attributes
    )


def model_of(nodes, shape=(None, 2, 16, 16), out=None, opset=OPSET, **weights):
    """A model from `x` to `y`.

    Args:
        nodes: Its nodes.
        shape: The shape of `x`; `None` for open sizes.
        out: The shape of `y` as it is declared; `None`: not declared.
        opset: The version of the operations.
        **weights: Arrays by name.
    """
    sizes = [n or f"size_{axis}" for axis, n in enumerate(shape)]
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, sizes)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, out)],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8
    )


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")
