"""`python -m train.dcgan`, which also writes the weights that each host has.

To the file that the environment variable WEIGHTS names.
"""

import os

import numpy as np

from train import dcgan
from train.engine import hosts
from train.engine.main import main
from train.evaluation.gan import train_gan


def train(config):
    models = []

    def build(config, *sizes):
        models.append(dcgan.build(config, *sizes))
        return models[0]

    try:
        train_gan("dcgan", config, build)
    except hosts.Finished:
        _write(models[0])
        raise
    _write(models[0])


def _write(model):
    np.savez(os.environ["WEIGHTS"], *[np.asarray(v) for v in model.variables])


if __name__ == "__main__":
    main(dcgan.Config, train, __doc__)
