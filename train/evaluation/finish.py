"""Writes what a finished run leaves: scores, samples and the network."""

from tfupsample.images import arrays
from tfupsample.images.files import save_image
from train.evaluation import artifacts
from train.networks.write import export


def finish(run, model, name, images, scores, served=None):
    """Writes the scores and samples, exports the model, and prints the paths.

    Args:
        run: The `Run`.
        model: A built `keras.Model`.
        name: Name of the `.keras` file, without suffix.
        images: A square number of uint8 images for `samples.png`.
        scores: `{name: artifact_scores(...)}`, for `scores.json`.
        served: The model of the SavedModel, if it is another.
    """
    run.write("scores.json", scores)
    saved_model, path = export(model, run.path, name, served)
    grid = run.path / "samples.png"
    sheet = arrays.picture(arrays.grid(images), 2)
    save_image(grid, sheet)
    print(
        f"\n{artifacts.score_table(scores)}\n\n"
        f"Sample grid:  {grid}\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )
