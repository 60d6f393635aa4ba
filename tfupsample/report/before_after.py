"""One picture of what a repair changed: before, after, and the difference."""

import numpy as np
from PIL import Image, ImageDraw

_SHOWN = 3  # pictures side by side
_TILE = 256  # screen pixels of a picture, and of the detail beside it
_DETAIL = 4  # magnification of the detail
_LABEL = 22  # screen pixels of a row's title


def before_after(before: np.ndarray, after: np.ndarray) -> Image.Image:
    """Returns the first pictures in three rows: before, after, difference.

    Beside each picture is a detail, magnified four times, of the place where
    the repair changed most. The difference is grey where nothing changed, and
    amplified until its largest values fill the range.

    Args:
        before: `(batch, height, width, channels)`, 1 or 3 channels, any unit.
        after: The same after the repair.
    """
    before, after = (np.asarray(x[:_SHOWN], "float64") for x in (before, after))
    low, span = before.min(), np.ptp(before) or 1.0
    change = (after - before) / span
    gain = _gain(np.abs(change).max())
    rows = {
        "before": (before - low) / span,
        "after": (after - low) / span,
        f"difference, {gain:g} times as strong": 0.5 + gain * change,
    }
    windows = [_window(np.abs(x).mean(-1)) for x in change]
    return _stacked(
        [_row(title, images, windows) for title, images in rows.items()]
    )


def _gain(largest):
    """Returns a power of two that stretches the largest change to the range."""
    if largest == 0:
        return 1
    return 2.0 ** np.clip(np.floor(np.log2(0.5 / largest)), 0, 10)


def _window(change):
    """Returns corner and side of the window with the largest mean change."""
    side = max(min(change.shape) // _DETAIL, 4)
    height, width = change.shape
    corners = [
        (row, column)
        for row in range(0, height - side + 1, max(side // 2, 1))
        for column in range(0, width - side + 1, max(side // 2, 1))
    ]
    best = max(
        corners,
        key=lambda c: change[c[0] : c[0] + side, c[1] : c[1] + side].sum(),
    )
    return *best, side


def _row(title, images, windows):
    """Returns a title above pictures and their details."""
    tiles = []
    for image, (row, column, side) in zip(images, windows):
        detail = image[row : row + side, column : column + side]
        tiles += [_tile(image), _tile(detail)]
    row = Image.new("RGB", (len(tiles) * _TILE, _TILE + _LABEL), "white")
    for i, tile in enumerate(tiles):
        row.paste(tile, (i * _TILE, _LABEL))
    ImageDraw.Draw(row).text((4, 4), title, "black")
    return row


def _tile(image):
    pixels = np.clip(np.rint(image * 255), 0, 255).astype("uint8")
    picture = Image.fromarray(
        pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    ).convert("RGB")
    scale = _TILE / max(picture.size)
    size = [max(round(scale * n), 1) for n in picture.size]
    # When enlarged, every pixel stays square; when reduced, none is left out.
    way = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    return picture.resize(size, way)


def _stacked(rows):
    sheet = Image.new("RGB", (rows[0].width, sum(r.height for r in rows)))
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet
