"""Pictures of any size through a trained network."""

import pathlib
from collections.abc import Callable

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.images.arrays import from_uint8
from tfupsample.images.files import Picture
from tfupsample.images.masks import coloured
from tfupsample.images.tiling import apply_tiled
from tfupsample.pretrained.architecture import function_of
from tfupsample.pretrained.load import (
    find_entry,
    list_pretrained,
    load_pretrained,
)
from tfupsample.pretrained.runs import FinishedRun, read_run
from tfupsample.pretrained.style_shares import style_shares

_OF_PICTURES = "style", "super_resolution", "reconstruction", "segmentation"
TILE = 256
"""Side of a tile in pixels, without what it shares with its neighbours."""


def picture_function(name: str, style: str = "") -> Callable[..., Picture]:
    """Returns a function from a `Picture` to what a network makes of it.

    Large pictures are computed in tiles, so that memory depends on the tile.
    The alpha of the picture is passed on; `files.write` resizes it. A
    segmentation gives the classes as `masks.coloured` paints them.

    Args:
        name: The name of a trained model, or the folder of a finished run.
        style: For a network of styles, as `style_shares` reads it; by default
            its first style.

    Returns:
        A function of a `Picture` and, optionally, of `progress(done, total)`.

    Raises:
        UnusableInput: if there is no such network or style, or the network
            does not make pictures of pictures.
    """
    source = _find(name)
    if source.kind not in _OF_PICTURES:
        raise UnusableInput(
            f"{name} is a {source.kind}, which makes no pictures of pictures."
        )
    if style and source.kind != "style":
        raise UnusableInput(f"{name} has no styles, so it takes no --style.")
    network, card = _load(source)
    if source.kind == "style":
        colours = _styled(network, card, style)
    else:
        colours = _tiled(network, card)
    if source.kind == "segmentation":
        colours = _painted(colours)

    def apply(picture, progress=None):
        return Picture(colours(picture.colours, progress), picture.alpha)

    return apply


def _find(name):
    """Returns an `index.Entry` or a `FinishedRun`."""
    if pathlib.Path(name).is_dir() and name not in list_pretrained():
        return read_run(name)
    return find_entry(name)


def _load(source):
    """Returns the network, or a function of a batch, and its card."""
    styles = source.kind == "style"
    if isinstance(source, FinishedRun):
        network = source.build()
        function = network if styles else network.predict_on_batch
        return function, source.interface(network)
    if styles:
        return load_pretrained(source.name, "keras"), source.card
    return load_pretrained(source.name).serve, source.card


def _tiled(function, card):
    scale, multiple, reach = (
        card[name] for name in ("scale", "multiple", "reach")
    )

    def colours(image, progress):
        height, width = image.shape[:2]
        padding = [(0, -n % multiple) for n in (height, width)]
        larger = apply_tiled(
            function,
            np.pad(image, (*padding, (0, 0)), mode="symmetric"),
            TILE + 2 * reach,
            reach,
            scale=scale,
            multiple=multiple,
            progress=progress,
        )
        return larger[: scale * height, : scale * width]

    return colours


def _painted(logits):
    def colours(image, progress):
        classes = logits(image, progress).argmax(axis=-1)
        return from_uint8(coloured(classes))

    return colours


def _styled(network, card, style):
    try:
        names = card["styles"]
        shares = style_shares(style or names[0], names)
    except ValueError as error:
        raise UnusableInput(str(error)) from error
    stylise = function_of(card["apply"])
    return lambda image, progress: stylise(
        network, image, shares, progress=progress
    )
