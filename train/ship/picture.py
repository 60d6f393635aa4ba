"""Draws the picture on the card of a trained model."""

import numpy as np
import skimage.data
from PIL import Image

from tfupsample.images.arrays import from_uint8, grid, picture, to_uint8
from tfupsample.images.files import save_image

_SIDE = 384  # pixels of a grid at most
_FACE = (slice(48, 176), slice(160, 288))  # of a photograph of 512 pixels
_STYLES = 3
_SAMPLED = "generator", "segmentation"


def draw(run, kind, network, path):
    """Writes the picture of a network; a classifier has none.

    For a generator and a segmentation it shows samples of the run, for others
    what they make of a photograph of NASA: those that they learned from may not
    be ours to show.

    Args:
        run: The folder of the run.
        kind: The kind of the network.
        network: A network of pictures in [-1, 1], perhaps with `styles` as the
            second input.
        path: The JPEG file to write.
    """
    if kind == "classifier":
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = _samples(run) if kind in _SAMPLED else _made(kind, network)
    save_image(path, shown, quality=90)


def _samples(run):
    """Returns the upper left of the grid of samples."""
    with Image.open(run / "samples.png") as image:
        size = (min(image.width, _SIDE), min(image.height, _SIDE))
        return image.convert("RGB").crop((0, 0, *size))


def _made(kind, network):
    """Returns the photograph beside what the network makes of it."""
    photograph = from_uint8(skimage.data.astronaut()[_FACE])
    images = photograph[None]
    if kind == "style":
        shares = np.eye(network.inputs[1].shape[-1], dtype="float32")[:_STYLES]
        images = [np.repeat(images, len(shares), axis=0), shares]
    made = network.predict_on_batch(images)
    scale = made.shape[1] // photograph.shape[0]
    before = photograph.repeat(scale, axis=0).repeat(scale, axis=1)
    shown = to_uint8(np.concatenate([before[None], made]))
    return picture(grid(shown, columns=len(shown)))
