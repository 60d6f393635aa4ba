"""What an ONNX graph costs: multiply-adds, and activations alive at once."""

import math

import onnx


def cost(graph):
    """Returns what one run takes, as `tfupsample.fuse.cost.cost` does.

    Args:
        graph: A `Graph` of one example.
    """
    return {
        "multiply_adds": sum(_multiply_adds(graph, n) for n in graph.nodes),
        "activation_bytes": _most_alive(graph),
    }


def _multiply_adds(graph, node):
    kernel = graph.shape((*node.input, "")[1])
    before, after = graph.shape(node.input[0]), graph.shape(node.output[0])
    if not kernel or not before or not after:
        return 0
    if node.op_type == "Conv":
        return math.prod(after) * math.prod(kernel[1:])
    if node.op_type == "ConvTranspose":
        return math.prod(before) * math.prod(kernel[1:])
    if node.op_type == "MatMul":
        return math.prod(after) * before[-1]
    if node.op_type == "Gemm":
        return math.prod(after[:-1]) * math.prod(kernel)
    return 0


def _most_alive(graph):
    last = {name: i for i, n in enumerate(graph.nodes) for name in n.input}
    alive = most = 0
    for name in graph.inputs:
        alive += _bytes(graph, name)
    for i, node in enumerate(graph.nodes):
        alive += sum(_bytes(graph, name) for name in node.output)
        most = max(most, alive)
        done = {n for n in node.input if n not in graph.values and last[n] == i}
        alive -= sum(_bytes(graph, name) for name in done)
    return most


def _bytes(graph, name):
    shape = graph.shape(name)
    if not name or shape is None:
        return 0
    kind = graph.types[name].tensor_type.elem_type
    size = onnx.helper.tensor_dtype_to_np_dtype(kind).itemsize
    return math.prod(shape) * size
