"""Entry points: one trainer a model, `python -m train.dcgan`."""

from tfupsample import environment

environment.prepare()
