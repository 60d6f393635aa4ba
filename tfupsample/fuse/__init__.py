"""Computes resizes and the convolutions after them at low resolution."""
