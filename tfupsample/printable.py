"""Names from files, as a terminal can show them."""


def printable(text):
    r"""Returns text without what moves a cursor, ends a line or hides words.

    Control characters, line breaks and marks of direction become the escapes
    of a Python string.

    Args:
        text: Anything; it is converted by `str`.

    Example:
    >>> printable("up\x1b[2J")
    'up\\x1b[2J'
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in str(text)
    )
