"""The repairs to try on a model; importing this needs no Keras."""

import dataclasses

from tfupsample.repair.choices import DISTILL_STEPS


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One way to repair a model.

    Attributes:
        method: One of `METHODS`.
        layers: `"last"`, `"all"`, or names or paths.
        steps: The number of distillation steps after it.
        interpolation: The interpolation of `"resize"`.
        pad_mode: The padding of `"resize"` and `"pad"`.
    """

    method: str
    layers: object
    steps: int = 0
    interpolation: str = "nearest"
    pad_mode: str | None = None

    def __str__(self):
        method, layers = self.method, f"{self.layers}"
        if method == "resize" and self.interpolation != "nearest":
            method = f"{self.interpolation} resize"
        layers = {"last": "last layer", "all": "all layers"}.get(layers, layers)
        steps = f", {self.steps} steps of distillation" if self.steps else ""
        return f"{method}, {layers}{steps}"


CANDIDATES = (
    Candidate("balance", "last"),
    Candidate("resize", "last"),
    Candidate("ramps", "last"),
    Candidate("smooth", "last"),
    Candidate("balance", "all", DISTILL_STEPS),
    Candidate("resize", "all", DISTILL_STEPS, "bilinear"),
)
"""The repairs to try by default, the cheapest first."""
