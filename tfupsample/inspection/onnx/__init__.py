"""ONNX files as networks of steps."""
