"""What `tfupsample.measures.score` returns, and which periods it looks for."""

import dataclasses

PERIODS = (2, 3, 4, 5, 6, 8, 16)
"""Periods of the upsamplings in use, alone and after one another, in pixels."""

SMALLEST = 8
"""Periods a side that an image must have for its pattern to be measured."""


@dataclasses.dataclass(frozen=True)
class ImageScore:
    """The pattern in one image.

    Attributes:
        height: Height of the image in pixels.
        width: Width of the image in pixels.
        strength_db: `{period in pixels: strength in dB}`, about 0 in clean
            images; see `tfupsample.measures.pattern.pattern_strength`.
        period: The period of the most significant pattern, in pixels.
        significance: How far its strength lies above that of clean images, in
            their standard deviations.
    """

    height: int
    width: int
    strength_db: dict[int, float]
    period: int
    significance: float


@dataclasses.dataclass(frozen=True)
class PeriodScore:
    """The pattern of one period in a set of images.

    Attributes:
        strength_db: Mean over the images of the strength in each, in dB.
        prominence_db: Mean prominence of the harmonics in the spectrum of the
            set, in dB.
        worst_prominence_db: Largest prominence of a harmonic, in dB.
        coherent: Share of the pattern that is the same in every image, 0 to 1.
        variance_ratio: Largest over smallest variance of a phase, at least 1.
    """

    strength_db: float
    prominence_db: float
    worst_prominence_db: float
    coherent: float
    variance_ratio: float


@dataclasses.dataclass(frozen=True)
class SetScore:
    """The pattern in a set of images.

    Attributes:
        count: The number of images.
        period: The period whose mean strength is most significant, in pixels.
        significance: How far that mean strength lies above that of clean
            images, in standard deviations of a single one.
        measures: `{period in pixels: PeriodScore}`, for the periods that fit
            into every image.
    """

    count: int
    period: int
    significance: float
    measures: dict[int, PeriodScore]


@dataclasses.dataclass(frozen=True)
class Difference:
    """How much more of a pattern one set of images has than another.

    Attributes:
        strength_db: Difference of the mean strengths, in dB.
        prominence_db: Difference of the mean prominences, in dB.
    """

    strength_db: float
    prominence_db: float


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A set of images beside another.

    Attributes:
        pooled: The score of the other set.
        difference: `{period in pixels: Difference}`, of the first set less the
            other, for the periods that fit into both.
        spectral_distance_db: Root mean square difference of the two radial
            spectra, in dB.
    """

    pooled: SetScore
    difference: dict[int, Difference]
    spectral_distance_db: float


@dataclasses.dataclass(frozen=True)
class ImageScores:
    """What `score_images` returns.

    Attributes:
        images: The score of each image.
        pooled: The score of all images together.
        against: The comparison with other images; `None` if there are none.
    """

    images: tuple[ImageScore, ...]
    pooled: SetScore
    against: Comparison | None = None
