"""Removes the pattern from trained models."""
