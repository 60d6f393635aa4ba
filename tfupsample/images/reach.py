"""Measures how far the output pixels of a network look around."""

import numpy as np

_SIDE = 256  # pixels of the test pictures
_TRIALS = 3
_NOTHING = 1e-6  # less than rounding


def reach(function, scale=1, multiple=1):
    """Returns how many input pixels away an output still notices a change.

    Args:
        function: A function from pictures `(1, height, width, 3)` in [-1, 1] to
            pictures `scale` times as large.
        scale: Output pixels per input pixel.
        multiple: The downsampling of the network.

    Raises:
        ValueError: if the middle of 256 pixels changes what lies at their edge.
    """
    rng = np.random.default_rng(0)
    start = _SIDE // 2 // multiple * multiple
    changed = slice(start, start + multiple)
    reached = 0
    for _ in range(_TRIALS):
        image = rng.uniform(-1, 1, (1, _SIDE, _SIDE, 3)).astype("float32")
        other = image.copy()
        other[:, changed, changed] *= -1
        differs = np.abs(function(image) - function(other))[0].max(-1)
        rows = np.flatnonzero(differs.max(axis=1) > _NOTHING) / scale
        columns = np.flatnonzero(differs.max(axis=0) > _NOTHING) / scale
        first = min(rows[0], columns[0])
        last = max(rows[-1], columns[-1])
        if first < 1 or last > _SIDE - 2:
            raise ValueError(f"The network looks further than {start} pixels.")
        reached = max(reached, start - first, last + 1 - changed.stop)
    return int(np.ceil(reached))
