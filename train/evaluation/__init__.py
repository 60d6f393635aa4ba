"""Scores of what a trained network makes."""
