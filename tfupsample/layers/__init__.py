"""Keras layers that upsample."""
