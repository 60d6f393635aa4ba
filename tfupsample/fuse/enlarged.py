"""A map that is not enlarged yet, because what follows may do without."""

import dataclasses
import functools
from typing import Any


class NotFused(Exception):
    """Why a layer is left as it is; the message is part of a sentence."""


@dataclasses.dataclass(frozen=True)
class Enlarged:
    """The symbol of a map, and what is still to be done to it.

    Attributes:
        low: The symbol of the map at low resolution.
        scale: How often each axis is enlarged, batch and channels included.
        interpolation: `"nearest"` or `"bilinear"`.
        widths: Pixels `(before, after)` to add to each axis afterwards.
        modes: The pad mode of each axis; `None` where nothing is added.
        calls: The calls that do all this, in order.
        resize: The path of the last resize.
    """

    low: Any
    scale: tuple
    interpolation: str
    widths: tuple
    modes: tuple
    calls: tuple
    resize: str

    @functools.cached_property
    def full(self):
        """The symbol of the map when all is done."""
        x = self.low
        for call in self.calls:
            (x,) = call.again([x])
        return x

    @property
    def padded(self):
        """Whether anything is added at the border."""
        return any(map(any, self.widths))

    @property
    def enlarged_axes(self):
        """The axes that grow."""
        return {axis for axis, n in enumerate(self.scale) if n > 1}

    def on(self, low):
        """Returns the same of another map."""
        return dataclasses.replace(self, low=low)

    def alike(self, other):
        """Whether the same is still to be done to another map."""
        return isinstance(other, Enlarged) and (
            (self.scale, self.interpolation, self.widths, self.modes)
            == (other.scale, other.interpolation, other.widths, other.modes)
        )


def resized(x, scale, interpolation, call, path):
    """Returns a map that a call enlarges.

    Args:
        x: A symbol, or an `Enlarged` that is not padded.
        scale: As for `Enlarged`.
        interpolation: As for `Enlarged`.
        call: The `Call`.
        path: Its path.

    Raises:
        NotFused: for an `Enlarged` whose two resizes are not one.
    """
    rank = len(scale)
    if not isinstance(x, Enlarged):
        return Enlarged(
            x,
            tuple(scale),
            interpolation,
            ((0, 0),) * rank,
            (None,) * rank,
            (call,),
            path,
        )
    if x.padded or (x.interpolation, interpolation) != ("nearest", "nearest"):
        raise NotFused("it follows another resize, and the two are not one")
    return dataclasses.replace(
        x,
        scale=tuple(a * b for a, b in zip(x.scale, scale)),
        calls=(*x.calls, call),
        resize=path,
    )


def padded(x, widths, modes, call):
    """Returns an `Enlarged` that a call pads; `None` if it was padded before.

    Args:
        x: The `Enlarged`.
        widths: As for `Enlarged`.
        modes: As for `Enlarged`.
        call: The `Call`.
    """
    if x.padded:
        return None
    return dataclasses.replace(
        x, widths=tuple(widths), modes=tuple(modes), calls=(*x.calls, call)
    )
