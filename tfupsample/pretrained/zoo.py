"""The package `models` of this distribution, whatever else is called so."""

import importlib
import importlib.util
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parents[2] / "models"
"""Where the zoo lies: beside the package `tfupsample`, wherever installed."""

_ALIAS = "tfupsample_models"


def import_zoo(module):
    """Returns a module of the zoo.

    Where `models` is another package, as in a folder of the user's, the zoo is
    imported under a name of its own; its modules import each other relatively.

    Args:
        module: Its path, such as `models.dcgan`.

    Raises:
        ImportError: if there is no such module.
    """
    package, dot, rest = module.partition(".")
    return importlib.import_module(_name() + dot + rest)


def _name():
    """The name under which the zoo can be imported."""
    spec = importlib.util.find_spec("models")
    if spec and FOLDER in map(
        pathlib.Path, spec.submodule_search_locations or ()
    ):
        return "models"
    if _ALIAS not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            _ALIAS,
            FOLDER / "__init__.py",
            submodule_search_locations=[str(FOLDER)],
        )
        sys.modules[_ALIAS] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[_ALIAS])
    return _ALIAS
