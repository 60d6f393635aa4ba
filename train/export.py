"""Models to folders and files that other programs load."""

import pathlib
import shutil


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
