"""Several arrays under one name in an `.npz` file."""

import numpy as np


def numbered(name, arrays):
    """Returns them under `name/0`, `name/1` ..."""
    return {f"{name}/{i}": np.asarray(a) for i, a in enumerate(arrays)}


def stored(arrays, name):
    """Returns those under `name/0`, `name/1` ..., without end."""
    found = []
    while (key := f"{name}/{len(found)}") in arrays:
        found.append(arrays[key])
    return found
