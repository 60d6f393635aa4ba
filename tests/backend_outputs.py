"""What this package does on one backend, to be compared with another.

KERAS_BACKEND=torch python -m backend_outputs FOLDER

FOLDER holds `inputs.npz`; `outputs.npz` and `said.json` are written to it.
"""

import json
import pathlib
import sys

import backend_cases
import numpy as np
from derivatives import of_layer
from layer_cases import ALL
from numbered_arrays import numbered, stored

import tfupsample
from tfupsample.repair.choices import METHODS


def layer_arrays(inputs):
    """Values and derivatives of each layer.

    Args:
        inputs: Its input and its weights, numbered, by its name.
    """
    found = {}
    for name, make_layer in ALL.items():
        x, *weights = stored(inputs, name)
        layer = make_layer()
        layer.build(x.shape)
        layer.set_weights(weights)
        found |= numbered(name, of_layer(layer, x))
    return found


def other_arrays():
    """Losses, measures and repaired models, and what else is said of these."""
    found, said = {}, {"inspected": backend_cases.inspected()}
    for name, arrays in backend_cases.loss_derivatives().items():
        found |= numbered(f"loss {name}", arrays)
    for name, numbers in backend_cases.measured().items():
        found |= numbered(f"measure {name}", [numbers])
    for name in tfupsample.list_pretrained():
        found |= numbered(f"trained {name}", [backend_cases.made_by(name)])
    for method in METHODS:
        said[method], images = backend_cases.repaired(method)
        found |= numbered(f"repair {method}", [images])
    return found, said


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    found, said = other_arrays()
    found |= layer_arrays(np.load(folder / "inputs.npz"))
    np.savez(folder / "outputs.npz", **found)
    (folder / "said.json").write_text(json.dumps(said))
