"""Does something around the first import of a module, whoever imports it."""

import importlib.abc
import importlib.util
import sys


def around_import(name, context):
    """Runs a module in a context when it is imported for the first time.

    Args:
        name: The module, such as `"keras"`.
        context: Function of no argument that returns a context manager. It is
            entered before the module runs and left after it; at once, and
            around nothing, where the module was imported before.
    """
    if name in sys.modules:
        with context():
            return
    sys.meta_path.insert(0, _Finder(name, context))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module as others do, and wraps what runs it."""

    def __init__(self, name, context):
        self.name, self.context = name, context

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            # Some only ask whether there is such a module, as PyTorch does.
            sys.meta_path.insert(0, self)
            run = spec.loader.exec_module

            def run_in_context(module):
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                with self.context():
                    run(module)

            spec.loader.exec_module = run_in_context
        return spec
