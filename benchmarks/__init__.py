"""Benchmarks; see README.md for the contract."""
