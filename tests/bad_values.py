"""Values that an argument of some kind must refuse."""

import math

import numpy as np

STRANGE = (None, "two", "", [], {}, object(), 1j, b"1")
NUMBERS = (math.nan, math.inf, -math.inf)
HUGE = (10**9, 2**40, 2**70)
NO_PAD_MODE = ("nothing", 3, *STRANGE[1:], ("edge",) * 4, ("edge", "nothing"))
IMAGES = np.random.default_rng(0).normal(size=(3, 32, 32, 3))


def _with(array, value):
    array = np.array(array, "float64")
    array.flat[array.size // 2] = value
    return array


def arrays_unlike(array):
    """Wrong rank, dtype and values, and nothing at all, for an array."""
    array = np.asarray(array)
    return (
        None,
        "pictures",
        object(),
        1.0,
        array[0],
        array[None],
        array[:0],
        array[..., :0],
        array.astype(complex),
        array.astype(str),
        array.astype(object)[..., None],
        [[1.0, 2.0], [3.0]],
        _with(array, math.nan),
        _with(array, math.inf),
    )


COUNT = (0, -1, 2.5, True, *STRANGE, *NUMBERS, *HUGE)
BAD = {
    "count": COUNT,
    "count or none": [v for v in COUNT if v is not None],
    "count, however large": [v for v in COUNT if v not in HUGE],
    "count from 0": [v for v in COUNT if v != 0 or v is False],
    "count from 0 or none": [
        v for v in COUNT if v is not None and (v != 0 or v is False)
    ],
    "counts": (*COUNT, (2, 2, 2, 2), (2, 0), (2, "2"), np.array([2, 2])),
    "seed": (-1, 2.5, "two", [], {}, object(), math.nan, math.inf),
    "period": (1, *COUNT),
    "periods": (0, 3, (2, 1), (2.5,), ("2",), "two", [], {}, object()),
    "number from 0": (-1, *STRANGE, *NUMBERS),
    "number": (*STRANGE, *NUMBERS),
    "choice": ("nothing", 3, math.nan, *STRANGE),
    "choice or none": ("nothing", 3, math.nan, *STRANGE[1:]),
    "pad mode": (None, *NO_PAD_MODE),
    "pad mode or none": NO_PAD_MODE,
    "flag": (0, 1, "yes", "False", math.nan, *STRANGE),
    "of keras": ("nothing", object(), 3.5, {"class_name": "Nothing"}),
    "function": (0, "two", [], object()),
    "function or none": (1, "two", [0], object()),
    "model": (*STRANGE, IMAGES),
    "layer": (*STRANGE, IMAGES),
    "latents": arrays_unlike(IMAGES[..., 0, 0]),
    "images": arrays_unlike(IMAGES),
    "one image": arrays_unlike(IMAGES[0]),
    # A kernel may diverge in training; it has three to five axes.
    "kernel": (
        None,
        "two",
        object(),
        1.0,
        IMAGES[0, 0],
        IMAGES > 0,
        1j * IMAGES,
    ),
    "layers": ("nothing", 3),
    "vector": arrays_unlike(IMAGES[0, 0, :, 0]),
    "sizes": (0, 2.5, None, "two", object(), (1, 2, 3, 4), (2, 0), (2, 2.5)),
    # Refused by the layers that a network is made of.
    "passed on": ("nothing",),
    "padding": (
        -1,
        2.5,
        True,
        *STRANGE,
        *NUMBERS,
        *HUGE,
        (1, 2, 3, 4),
        (1, -1),
    ),
    "taps": (0, -1, True, *STRANGE, *NUMBERS, *HUGE, (1, -1), (1, math.nan)),
    "shape": (*COUNT, (3,), (3, 3), (3, 0, 3), (3, 3, 2, -1), (1e9, 3, 3, 3)),
    "limits": (*STRANGE, 1, (1,), (1, 0), (0, math.nan), (0, math.inf), (0, 0)),
    "name": ("nothing", 3, *STRANGE),
    "pairs": (None, "two", 3, [3], [(3,)]),
}
_WAVE = IMAGES[..., 0].reshape(-1)
BAD["rate"] = (0, -1, *STRANGE, *NUMBERS)
BAD["wave"] = (
    *(None, "two", object(), 1.0, IMAGES, _WAVE[:0]),
    *(_WAVE.astype(complex), _with(_WAVE, math.nan), _with(_WAVE, math.inf)),
)
BAD["pictures"] = arrays_unlike(IMAGES)[:8]
