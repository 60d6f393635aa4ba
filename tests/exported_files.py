"""Runs LiteRT and ONNX files."""

import pytest
import tensorflow as tf

# Both come from the exporters, not from this package.
WARNINGS = [
    pytest.mark.filterwarnings(r"ignore:\s*Warning. tf.lite.Interpreter is"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`"),
]


def run_litert(path, x):
    interpreter = tf.lite.Interpreter(model_path=str(path))
    (source,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(source["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    (result,) = interpreter.get_output_details()
    return interpreter.get_tensor(result["index"])


def run_onnx(path, x):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path)
    (source,) = session.get_inputs()
    (y,) = session.run(None, {source.name: x})
    return y
