"""Self-contained HTML pages: one file each, which loads nothing else."""

import base64
import hashlib
import html
import importlib.resources
import string

from tfupsample.errors import UnusableInput
from tfupsample.model_files.atomic import write_text
from tfupsample.printable import printable
from tfupsample.version import __version__


def asset(name):
    """Returns the text of a file of this folder."""
    folder = importlib.resources.files("tfupsample.report")
    return folder.joinpath(name).read_text("utf-8")


def page(title, body, styles, scripts=()):
    """Returns one HTML file that needs no network.

    Its Content-Security-Policy allows this style, this script and pictures
    inside the file, and nothing else, so that even unescaped text could
    neither run nor fetch anything.

    Args:
        title: The title of the page, any text.
        body: HTML.
        styles: Names of style sheets of this folder.
        scripts: Names of scripts of this folder, which share one scope.
    """
    style = "\n".join(map(asset, styles))
    script = "\n".join(['"use strict";', *map(asset, scripts)])
    return string.Template(asset("page.html")).substitute(
        policy=_policy(style, script),
        title=html.escape(printable(title)),
        style=style,
        body=body,
        version=html.escape(__version__),
        script=script,
    )


def picture(png, text):
    """Returns an `img` element that holds a PNG.

    Args:
        png: Bytes of the PNG file.
        text: What it shows, for those who cannot see it.
    """
    data = base64.b64encode(png).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(text)}">'


def _policy(style, script):
    rules = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text):
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def write_page(path, text):
    """Writes a page, all or nothing.

    Raises:
        UnusableInput: if it cannot be written.
    """
    try:
        write_text(path, text)
    except OSError as error:
        raise UnusableInput(
            f"{path} cannot be written: {error.strerror}."
        ) from error
