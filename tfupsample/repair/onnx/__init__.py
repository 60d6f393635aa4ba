"""Repairs ONNX files in closed form."""
