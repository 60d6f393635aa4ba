"""Pictures of masks, which give every pixel the number of its class."""

import colorsys

import numpy as np

VOID = 255
"""The class of pixels that count nowhere."""

_GOLDEN = 0.618  # turns from the hue of a class to that of the next


def coloured(masks):
    """Returns masks as pictures: black the first class, white what is void.

    Args:
        masks: Integers from 0 to 255, of any shape.

    Returns:
        uint8, of the shape of `masks` and `(3,)`.
    """
    return _palette()[masks]


def _palette():
    hues = _GOLDEN * np.arange(VOID + 1) % 1
    colours = np.array([colorsys.hsv_to_rgb(hue, 0.8, 0.9) for hue in hues])
    colours[0], colours[VOID] = 0, 1
    return np.rint(255 * colours).astype("uint8")
