"""Finished runs at toy size, and an index of what is shipped of them."""

import json

import keras

from models import style_transfer
from train.ship.__main__ import ship

STYLES = ["brick", "grass", "waves"]
SAID = {
    "data": "noise",
    "license": "CC0",
    "failures": "all",
    "commit": "0123456789ab",
    "seconds": 7,
}


def style_run(folder):
    """Writes what a run of `train.style_transfer` leaves; returns its network.

    Two other layers are made before, so that no layer has its first name.
    """
    for _ in range(2):
        style_transfer.network(1, width=1, blocks=1)
    settings = {"width": 2, "blocks": 1, "upsample": "nearest"}
    network = style_transfer.network(len(STYLES), **settings)
    for i, weight in enumerate(network.weights):
        # None like another: a swap would show.
        weight.assign(keras.random.uniform(weight.shape, -0.5, 0.5, seed=i))
    folder.mkdir()
    network.save(folder / "style_transfer.keras")
    config = settings | {"seed": 5, "epochs": 1, "pad_mode": "reflect"}
    config |= {"kernel_size": 3, "batch_size": 4}
    command = ["x/train/style_transfer.py", "--styles=/home/me/paintings"]
    command += ["--workdir=/home/me/run", "--flip"]
    written = {
        "config.json": {
            "trainer": "style_transfer",
            "config": config,
            "command": command,
            "versions": {},
        },
        "scores.json": {"trained": {}},
        "styles.json": STYLES,
    }
    for name, value in written.items():
        (folder / name).write_text(json.dumps(value))
    return network


def shipped_style(folder):
    """Ships a toy run to `folder / "pretrained"`; returns the network."""
    network = style_run(folder / "run")
    ship(folder / "run", "toy_style", folder / "pretrained", **SAID)
    return network
