"""Pairs of pictures in low and high resolution."""

import dataclasses
import typing

import numpy as np

from train.data.degrade import cropped, low_resolution
from train.data.files import PictureFile
from train.data.images import DataError

_MARGIN = 3  # of the kernel, on each side, in pixels of the low resolution


@dataclasses.dataclass(frozen=True)
class LowResolution:
    """The low resolution of a picture that stays in its file.

    It stands for an array: a pair of slices makes that part.
    """

    high: PictureFile
    scale: int

    @property
    def shape(self) -> tuple[int, ...]:
        height, width, channels = self.high.shape
        return height // self.scale, width // self.scale, channels

    def __getitem__(self, part: tuple[slice, slice]) -> np.ndarray:
        wide = [
            slice(max(s.start - _MARGIN, 0), s.stop + _MARGIN) for s in part
        ]
        high = self.high[
            *(slice(s.start * self.scale, s.stop * self.scale) for s in wide)
        ]
        inside = [
            slice(s.start - w.start, s.stop - w.start)
            for s, w in zip(part, wide)
        ]
        return low_resolution(high, self.scale)[*inside]


Pair = (
    tuple[np.ndarray, np.ndarray]
    | tuple[LowResolution, PictureFile]
    | tuple[PictureFile, PictureFile]
)


def make_pairs(
    pictures: typing.Iterable[np.ndarray | PictureFile], scale: int, size: int
) -> list[Pair]:
    """Puts its low resolution beside each picture.

    Args:
        pictures: uint8 `(height, width, 3)` each, or `PictureFile`s.
        scale: How many times lower the low resolution is.
        size: Side of the crops to come, in pixels of the low resolution;
            smaller pictures are left out.

    Returns:
        Pairs of uint8 arrays `(h, w, 3)` and `(scale * h, scale * w, 3)`; what
        stands for them where the pictures stay in their files.

    Raises:
        DataError: No picture is large enough.
    """
    large = [
        picture
        for picture in pictures
        if min(picture.shape[:2]) >= scale * size
    ]
    if not large:
        raise DataError(
            f"No picture has {scale * size} pixels a side, which crops of "
            f"{size} pixels at scale {scale} need: use a smaller --image_size "
            "or larger pictures."
        )
    return [_pair(picture, scale) for picture in large]


def _pair(picture: np.ndarray | PictureFile, scale: int) -> Pair:
    if isinstance(picture, PictureFile):
        height, width = (n // scale * scale for n in picture.shape[:2])
        high = dataclasses.replace(picture, shape=(height, width, 3))
        return LowResolution(high, scale), high
    picture = cropped(picture, scale)
    return low_resolution(picture, scale), picture
