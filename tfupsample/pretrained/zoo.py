"""The packages beside `tfupsample`, whatever else is called as they are."""

import importlib
import importlib.util
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "models"
"""Where the zoo lies: beside the package `tfupsample`, wherever installed."""

_ALIAS = "tfupsample_models"


def import_zoo(module):
    """Returns a module of the zoo.

    Where `models` is another package, such as one of the user's, the zoo is
    imported under a name of its own; its modules import each other relatively.

    Args:
        module: Its path, such as `models.dcgan`.

    Raises:
        ImportError: if there is no such module.
    """
    package, dot, rest = module.partition(".")
    name = "models" if _found_in("models", FOLDER) else _ALIAS
    import_package(name, FOLDER)
    return importlib.import_module(name + dot + rest)


def import_package(name, folder):
    """Imports the package in a folder, even where another one has its name.

    Args:
        name: What it is called from now on.
        folder: Where it lies, a resolved `pathlib.Path`.
    """
    if _found_in(name, folder):
        return
    spec = importlib.util.spec_from_file_location(
        name,
        folder / "__init__.py",
        submodule_search_locations=[str(folder)],
    )
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])


def _found_in(name, folder):
    """Whether Python finds a package in just this folder."""
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # a module made by hand, which lies nowhere
        return False
    places = spec and spec.submodule_search_locations or ()
    return folder in (pathlib.Path(place).resolve() for place in places)
