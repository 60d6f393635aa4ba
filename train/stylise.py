"""Paints a picture file with the network of a run."""

import json
import pathlib

import numpy as np

from models.tiled_style_transfer import stylise
from tfupsample.errors import UnusableInput
from tfupsample.images import arrays
from tfupsample.images.files import SUFFIXES, save_image
from tfupsample.model_files.loading import load_keras
from tfupsample.pretrained.style_shares import style_shares
from train.data.folder import open_rgb
from train.engine.config import UsageError, usage_errors


def stylise_file(config):
    """Writes `config.apply`, painted in `config.style`, to `config.output`.

    Args:
        config: Settings of `train.style_transfer`; the finished run is in
            `config.workdir`.

    Raises:
        UsageError: There is no such run, style or format of pictures.
        DataError: The picture cannot be read.
    """
    run, path = pathlib.Path(config.workdir), pathlib.Path(config.apply)
    try:
        network = load_keras(run / "style_transfer.keras")
        names = json.loads((run / "styles.json").read_text())
    except (UnusableInput, OSError) as error:
        raise UsageError(
            f"--apply needs a finished run as --workdir. {error}"
        ) from error
    with usage_errors():
        shares = style_shares(config.style or names[0], names)
    output = pathlib.Path(config.output or _beside(path, config.style))
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"--output must end in {', '.join(SUFFIXES)}. Received: {output}"
        )
    image = np.asarray(open_rgb(path)) / 127.5 - 1
    with usage_errors():
        painted = stylise(network, image, shares, config.tile)
    save_image(output, arrays.picture(arrays.to_uint8(painted)))
    print(output)


def _beside(path, style):
    words = [path.stem, *style.replace(":", "-").split(",")]
    return path.with_name("_".join(filter(None, words)) + ".png")
