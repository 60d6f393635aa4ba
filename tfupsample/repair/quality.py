"""Whether the outputs of a repaired model are better, and nothing is worse."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from tfupsample.measures.border import border_deviation
from tfupsample.measures.periods import measure_periods
from tfupsample.repair.choices import CLEAN_COHERENT, CLEAN_DB

_RISE_DB = 0.5  # a larger rise at any period would be a new pattern
_COHERENT = 0.01  # the same for what every picture shares
_SPREAD = 0.1  # share of the spread over inputs that may be lost or gained
_BORDER = 0.03  # interior standard deviations; other inputs may show more


@dataclasses.dataclass(frozen=True)
class Quality:
    """The measures of a model's outputs.

    Attributes:
        periods: `{period: {"coherent", "prominence_db", "worst_db"}}`, in
            pixels of the output; the two in dB are `None` where the pictures
            are too small for them, and there are no periods where the outputs
            are no pictures.
        spread: Standard deviation over the inputs, averaged over all numbers
            of an output; 0 if all outputs are alike.
        border: How far mean and standard deviation in the outermost ring lie
            from the interior's, in interior standard deviations; `None` where
            the outputs are no pictures or too small.
        flat_border: The same when each input is an image of one colour, where
            nothing in the pictures hides the border; `None` if the model takes
            no images.
    """

    periods: dict[int, dict[str, Any]]
    spread: float
    border: Any
    flat_border: Any = None

    @property
    def measured(self) -> bool:
        """Returns whether a pattern could be measured in the outputs."""
        return bool(self.periods)

    @property
    def excess(self) -> float:
        """The sum over the periods of what is above `CLEAN_DB`, in dB.

        If pictures are too small for dB, the coherent score takes its place:
        each 0.1 above `CLEAN_COHERENT` counts as a decibel.
        """
        return sum(
            max(10 * (row["coherent"] - CLEAN_COHERENT), 0)
            if row["prominence_db"] is None
            else max(row["prominence_db"] - CLEAN_DB, 0)
            for row in self.periods.values()
        )

    @property
    def clean(self) -> bool:
        """Returns whether a pattern was looked for and none was found."""
        return self.measured and self.excess == 0


def measure(
    outputs: np.ndarray,
    images: np.ndarray | None,
    periods: Iterable[int],
    flat: np.ndarray | None = None,
) -> Quality:
    """Returns the `Quality` of outputs.

    Args:
        outputs: Any array, the batch first.
        images: The same as pictures, `(batch, height, width, channels)` with 1
            or 3 channels, or `None` if the outputs are no pictures.
        periods: The periods that the layers of the model can write, in pixels.
        flat: The pictures that the model makes of flat images, or `None`.
    """
    spread = float(outputs.astype("float64").std(axis=0).mean())
    if images is None:
        return Quality({}, spread, None)
    rows = measure_periods(images, periods)
    if min(images.shape[1:3]) < 8:
        return Quality(rows, spread, None)
    flat_border = None if flat is None else _border(flat)
    return Quality(rows, spread, _border(images), flat_border)


def _border(images):
    deviation = border_deviation(images)
    return float(np.hypot(deviation.mean[0], deviation.spread[0]))


def psnr(outputs: np.ndarray, originals: np.ndarray, peak: float) -> float:
    """Returns the peak signal-to-noise ratio in dB, infinite for equal arrays.

    Args:
        outputs: The outputs of the repaired model.
        originals: Those of the unrepaired model, of the same shape.
        peak: The range of values that counts as the whole signal.
    """
    error = np.mean((outputs.astype("float64") - originals) ** 2)
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(peak) - 10 * np.log10(error))


def objections(
    before: Quality, after: Quality, psnr_db: float, least_db: float
) -> list[str]:
    """Returns the objections to a repair, one sentence each, or an empty list.

    Args:
        before: The `Quality` of the unrepaired model.
        after: The `Quality` of the repaired one, on the same inputs.
        psnr_db: The PSNR between their outputs, in dB.
        least_db: The least PSNR that is accepted.
    """
    found = [
        f"The pattern of period {period} grew from {old[name]:.{digits}f} to "
        f"{after.periods[period][name]:.{digits}f}{unit}."
        for period, old in before.periods.items()
        for name, room, digits, unit in (
            ("prominence_db", _RISE_DB, 1, " dB"),
            ("coherent", _COHERENT, 3, " (coherent score)"),
        )
        if old[name] is not None
        and after.periods[period][name] > old[name] + room
    ]
    if abs(after.spread - before.spread) > _SPREAD * before.spread:
        found.append(
            f"The outputs vary {after.spread / before.spread:.0%} as much "
            "from input to input as before: their diversity is not kept."
        )
    if not psnr_db >= least_db:
        found.append(
            f"The PSNR to the unrepaired outputs is {psnr_db:.1f} dB; it must "
            f"be at least {least_db:g} dB."
        )
    borders = (
        ("", before.border, after.border),
        (" of what flat images become", before.flat_border, after.flat_border),
    )
    found += [
        f"The border{where} deviates by {new:.2f} standard deviations from the "
        f"interior; before it was {old:.2f}."
        for where, old, new in borders
        if old is not None and new > old + _BORDER
    ]
    return found
