"""The shares of styles that a person asks for, in numbers."""

from collections.abc import Sequence

import numpy as np


def style_shares(style: str, names: Sequence[str]) -> np.ndarray:
    """Returns the share of each style, an array `(styles,)` that sums to 1.

    Args:
        style: A name, or several with shares: `"brick:0.5,grass:0.5"`. Shares
            are relative, so that `"brick,grass"` is the same.
        names: The names of all styles, in order.

    Raises:
        ValueError: if a name is unknown, or a share is no positive number.
    """
    shares = np.zeros(len(names), "float32")
    for part in style.split(","):
        name, _, share = part.partition(":")
        if name not in names:
            raise ValueError(
                f"--style must be of {', '.join(names)}. Received: {style!r}"
            )
        try:
            shares[names.index(name)] += float(share or 1)
        except ValueError:
            shares[:] = np.nan
    if not np.isfinite(shares).all() or shares.min() < 0 or not shares.any():
        raise ValueError(
            "--style must give positive shares, such as brick:0.5,grass:0.5. "
            f"Received: {style!r}"
        )
    return shares / shares.sum()
