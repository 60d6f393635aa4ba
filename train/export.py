"""Models to folders and files that other programs load."""

import pathlib
import shutil

from train import evaluate, pictures


def export(model, folder, name):
    """Writes `folder/saved_model/` and `folder/<name>.keras`.

    Each is written beside its place and then moved there, so that a run that
    is stopped leaves no half of one.

    Args:
        model: A built `keras.Model`.
        folder: An existing folder.
        name: Stem of the `.keras` file.

    Returns:
        The two paths.
    """
    folder = pathlib.Path(folder)
    saved_model = folder / "saved_model"
    partial = folder / "saved_model.partial"
    shutil.rmtree(partial, ignore_errors=True)
    model.export(partial, verbose=False)
    shutil.rmtree(saved_model, ignore_errors=True)
    partial.rename(saved_model)
    path = folder / f"{name}.keras"
    partial = folder / f"{name}.partial.keras"
    model.save(partial)
    partial.replace(path)
    return saved_model, path


def finish(run, model, name, images, scores):
    """Exports a trained model, writes what it reached, and says where.

    Args:
        run: The `Run`.
        model: A built `keras.Model`.
        name: Stem of the `.keras` file.
        images: A square number of images in [-1, 1] for `samples.png`.
        scores: `{name: artifact_scores(...)}`, for `scores.json`.
    """
    run.write("scores.json", scores)
    saved_model, path = export(model, run.path, name)
    grid = run.path / "samples.png"
    pictures.picture(pictures.grid(pictures.to_uint8(images)), 2).save(grid)
    print(
        f"\n{evaluate.score_table(scores)}\n\n"
        f"Sample grid:  {grid}\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )
