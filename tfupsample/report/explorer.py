"""The interactive explorer: what kernel size and stride do to a picture."""

import string

from tfupsample.report.page import asset, page

STYLES = ("page.css", "explorer.css")
SCRIPTS = ("upsampling.js", "picture.js", "figures.js", "explorer.js")
LARGEST = {"kernel_size": 9, "stride": 5}


def explorer(kernel_size: int = 3, stride: int = 2, level: int = 2) -> str:
    """Returns the explorer as an HTML section, for `STYLES` and `SCRIPTS`.

    Args:
        kernel_size: Where its slider starts, in output pixels; at most 9.
        stride: Where its slider starts; at most 5.
        level: The heading level of its title, 1 to 5; its panels are one level
            below.
    """
    return string.Template(asset("explorer.html")).substitute(
        kernel_size=min(kernel_size, LARGEST["kernel_size"]),
        stride=min(stride, LARGEST["stride"]),
        level=level,
        below=level + 1,
    )


def explorer_page() -> str:
    """Returns a page with the explorer alone."""
    title = "Where checkerboards come from"
    return page(title, f"<main>{explorer(level=1)}</main>", STYLES, SCRIPTS)
