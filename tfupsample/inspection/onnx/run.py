"""Runs single nodes of an ONNX graph, each as a model of its own.

ONNX Runtime knows what every operation computes in every version, so that a
node computes here what it computes in the whole model.
"""

import numpy as np
import onnx
import onnxruntime

# Newer runtimes write newer versions of the format into the same graphs.
_FORMAT = 8


class Runner:
    """Runs the nodes of a graph.

    Args:
        model: The `onnx.ModelProto`.
    """

    def __init__(self, model):
        self._opsets = model.opset_import

    def session(self, node, constants):
        """Returns a function from arrays to the list of the outputs of a node.

        Args:
            node: An `onnx.NodeProto`.
            constants: `{name: array}` of the inputs that do not change; the
                function takes the others, in their order.
        """
        given = [n for n in dict.fromkeys(node.input) if n]
        open_ = [name for name in given if name not in constants]
        session = None

        def run(*arrays):
            nonlocal session
            session = session or self._made(node, open_, arrays, constants)
            feed = dict(zip(open_, map(np.ascontiguousarray, arrays)))
            return session.run(None, feed)

        return run

    def _made(self, node, open_, arrays, constants):
        graph = onnx.helper.make_graph(
            [node],
            "node",
            [
                onnx.helper.make_tensor_value_info(
                    name, onnx.helper.np_dtype_to_tensor_dtype(x.dtype), None
                )
                for name, x in zip(open_, arrays)
            ],
            [onnx.ValueInfoProto(name=name) for name in node.output if name],
            [
                onnx.numpy_helper.from_array(np.asarray(x), name)
                for name, x in constants.items()
                if name in node.input
            ],
        )
        model = onnx.helper.make_model(
            graph, opset_imports=self._opsets, ir_version=_FORMAT
        )
        return _session(model.SerializeToString())


def _session(content):
    options = onnxruntime.SessionOptions()
    # Threads and arenas need memory of their own in each of many sessions.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"]
    )
