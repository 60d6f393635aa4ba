"""Shows the examples of docstrings as code: an extension of Griffe.

The docstrings of this project have them below `Example:` without indentation,
as Keras does; Griffe wants `Examples:`, and them indented.
"""

import re
import textwrap

import griffe

_EXAMPLE = re.compile(r"^Example:\n(>>> .*?)(?=\n\n|\Z)", re.M | re.S)


class Examples(griffe.Extension):
    """Rewrites docstrings before they are parsed."""

    def on_object(self, *, obj, **_):
        """Called by Griffe for each object that it has read."""
        if obj.docstring:
            obj.docstring.value = _EXAMPLE.sub(
                lambda m: "Examples:\n" + textwrap.indent(m[1], "    "),
                obj.docstring.value,
            )
