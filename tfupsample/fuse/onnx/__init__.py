"""Fuses the resizes of ONNX files with the convolutions after them."""
