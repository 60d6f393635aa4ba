"""Tells Keras the names of our classes before their modules are imported.

`keras.saving` looks the names in a saved model up in a table, into which a
class is entered when its module is imported. So that `import tfupsample` need
not import Keras, and TensorFlow with it, the table receives stand-ins that
import the class when a model asks for it.
"""

import contextlib

from tfupsample.import_hooks import around_import


def register(names):
    """Enters the public classes into the table of Keras.

    If Keras is not imported yet, it is done as soon as it is.

    Args:
        names: Public names of this package; what is no class is left out.
    """

    @contextlib.contextmanager
    def entered_afterwards():
        yield
        from keras import saving

        table = saving.get_custom_objects()
        for name in filter(_is_class, names):
            table.setdefault(f"tfupsample>{name}", _StandIn(name))

    around_import("keras", entered_afterwards)


def _is_class(name):
    return name[0].isupper() and not name.isupper() or name == "ICNR"


class _StandIn:
    """Makes objects of a class that is imported when the first is made."""

    def __init__(self, name):
        self.name = name

    def from_config(self, config):
        import tfupsample

        return getattr(tfupsample, self.name).from_config(config)
