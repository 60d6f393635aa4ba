"""Puts a finished run among the trained models: `python -m train.ship`."""

import pathlib

PLACE = pathlib.Path("models/pretrained")
