"""What the fit of a deep image prior leaves: pictures, scores, the network."""

import numpy as np
from PIL import Image

from models import deep_image_prior
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from train.networks.weights import in_float32
from train.networks.write import export

_SHEET = 8  # pictures of the progress


def results(prior, found, inputs):
    """Returns `{name: picture}`, each `(1, height, width, channels)`."""
    average = np.asarray(prior.average)
    shown = {
        "damaged": found.picture,
        "output": prior.network.predict(inputs, verbose=0),
        "average": average,
    }
    if not found.mask.all():
        shown["filled"] = np.where(found.mask, found.picture, average)
    if found.clean is not None:
        shown |= {"best": np.asarray(prior.best), "clean": found.clean}
    return shown


def finish(run, prior, shown):
    """Writes the pictures, their scores and the network; prints the paths."""
    scores = {"steps": int(prior.steps)}
    if "clean" in shown:
        scores["best_step"] = int(prior.best_step)
        scores["psnr_db"] = {
            name: float(deep_image_prior.psnr(shown["clean"], picture))
            for name, picture in shown.items()
            if name != "clean"
        }
    for name, picture in shown.items():
        image = arrays.picture(arrays.to_uint8(picture[0] * 2 - 1))
        save_image(run.path / f"{name}.png", image)
    run.write("scores.json", scores)
    saved_model, path = export(in_float32(prior.network), run.path, "network")
    for name, value in scores.get("psnr_db", {}).items():
        print(f"PSNR of {name:8} {value:6.2f} dB")
    print(
        f"Pictures:     {run.path}/*.png\n"
        f"Progress:     {contact_sheet(run.path)}\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )


def contact_sheet(folder):
    """Joins samples of up to eight epochs in `progress.png`; returns its path.

    Args:
        folder: The folder of the run.
    """
    paths = sorted((folder / "samples").glob("epoch_*.png"))
    chosen = np.linspace(0, len(paths) - 1, min(_SHEET, len(paths))).astype(int)
    shown = []
    for i in chosen:
        with Image.open(paths[i]) as image:
            shown.append(np.asarray(image).reshape(*image.size[::-1], -1))
    sheet = arrays.grid(shown, columns=_SHEET // 2)
    save_image(folder / "progress.png", arrays.picture(sheet))
    return folder / "progress.png"
