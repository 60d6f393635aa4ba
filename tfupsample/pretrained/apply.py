"""Pictures of any size through a trained model."""

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.images.files import Picture
from tfupsample.images.tiling import apply_tiled
from tfupsample.pretrained.architecture import function_of
from tfupsample.pretrained.load import load_pretrained
from tfupsample.pretrained.style_shares import style_shares

TILE = 256
"""Pixels a side of a tile, without what it shares with its neighbours."""


def picture_function(entry, style=""):
    """Returns a function from a `Picture` to what the model makes of it.

    Large pictures go through in tiles; memory goes with the tile. Alpha is
    left to `picture_files.write`, which fits it to the size.

    Args:
        entry: `pretrained_index.Entry` of a kind that makes pictures of
            pictures.
        style: For the kind `"style"`, as `style_shares` reads it; its first
            style if empty.

    Returns:
        A function of a `Picture` and, perhaps, `progress(done, total)`.

    Raises:
        UnusableInput: for a model of another kind, or another style.
    """
    if entry.kind == "style":
        colours = _styled(entry, style)
    elif entry.kind not in ("super_resolution", "reconstruction"):
        raise UnusableInput(
            f"{entry.name} is a {entry.kind}, which makes no pictures of "
            "pictures."
        )
    elif style:
        raise UnusableInput(f"{entry.name} knows no --style.")
    else:
        colours = _tiled(entry)

    def apply(picture, progress=None):
        return Picture(colours(picture.colours, progress), picture.alpha)

    return apply


def _tiled(entry):
    model = load_pretrained(entry.name)
    scale, multiple, reach = (
        entry.card[name] for name in ("scale", "multiple", "reach")
    )

    def colours(image, progress):
        height, width = image.shape[:2]
        padding = [(0, -n % multiple) for n in (height, width)]
        larger = apply_tiled(
            model.serve,
            np.pad(image, (*padding, (0, 0)), mode="symmetric"),
            TILE + 2 * reach,
            reach,
            scale=scale,
            multiple=multiple,
            progress=progress,
        )
        return larger[: scale * height, : scale * width]

    return colours


def _styled(entry, style):
    try:
        names = entry.card["styles"]
        shares = style_shares(style or names[0], names)
    except ValueError as error:
        raise UnusableInput(str(error)) from error
    stylise = function_of(entry.card["apply"])
    model = load_pretrained(entry.name, "keras")
    return lambda image, progress: stylise(
        model, image, shares, progress=progress
    )
