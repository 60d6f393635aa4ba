"""Puts a finished run among the trained models: `python -m train.ship`."""
