"""Trained networks: loading, writing and copying them."""
