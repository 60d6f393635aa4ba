"""What the inspector says: findings, a row for each layer, and the whole."""

import dataclasses
from collections.abc import Sequence

SEVERITIES = ("paints", "may paint", "note")


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing about one layer.

    Attributes:
        layer: Path of the layer, such as `"decoder/up_2"`.
        kind: `"uneven overlap"`, `"unequal gain"`, `"no ICNR"`, `"between
            convolution and shuffle"`, `"zero padding"`, `"padding before
            average"`, `"strided gradient"`, `"max-pool gradient"` or `"outputs
            alike"`.
        period: Of the pattern, in pixels of the model's output, for gradients
            of its input; `None` where there is no pattern, as for borders, and
            where the pattern ends before the output.
        magnitude: In `unit`; `None` where the graph does not say.
        unit: What `magnitude` counts.
        severity: `"paints"`, `"may paint"` or `"note"`.
        message: What was found, one sentence.
        advice: What to do, one sentence.
    """

    layer: str
    kind: str
    period: int | None
    magnitude: float | None
    unit: str
    severity: str
    message: str
    advice: str


@dataclasses.dataclass(frozen=True)
class LayerReport:
    """One layer that resizes, convolves, pads or pools.

    Attributes:
        layer: Its path.
        type: The name of its class or operation.
        role: What it does to an image, such as `"transposed convolution"`.
        kernel_size: In taps, one for each axis; empty where it has none.
        strides: Factor up or down, one for each axis; empty where it has none.
        period: Of what it can write into the output, in pixels; `None` where it
            does not upsample or does not reach an output.
        severity: The worst of its findings; `"clean"` if there are none.
    """

    layer: str
    type: str
    role: str
    kernel_size: Sequence[int]
    strides: Sequence[int]
    period: int | None
    severity: str


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What `inspect_model` found.

    Attributes:
        model: The model's name.
        findings: Worst first.
        layers: In the order of computing.
        probe: What the whole model does to flat images and to noise, see
            `tfupsample.inspection.probe`; `{"skipped": reason}` if not run.
    """

    model: str
    findings: Sequence[Finding]
    layers: Sequence[LayerReport]
    probe: dict

    def has(self, severity: str) -> bool:
        """Returns whether a finding has this severity."""
        return any(f.severity == severity for f in self.findings)

    @classmethod
    def from_json(cls, data: dict) -> "Inspection":
        """Returns the inspection that `to_json` made `data` of."""
        return cls(
            data["model"],
            tuple(Finding(**finding) for finding in data["findings"]),
            tuple(LayerReport(**layer) for layer in data["layers"]),
            data["probe"],
        )

    def to_json(self) -> dict:
        """Returns the same as dictionaries, lists, strings and numbers."""
        return {
            "model": self.model,
            "findings": [dataclasses.asdict(f) for f in self.findings],
            "layers": [
                dataclasses.asdict(layer)
                | {
                    "kernel_size": list(layer.kernel_size),
                    "strides": list(layer.strides),
                }
                for layer in self.layers
            ],
            "probe": self.probe,
        }


def worst(findings: Sequence[Finding]) -> str:
    """Returns the worst severity; `"clean"` if there are no findings."""
    return min(
        (f.severity for f in findings), key=SEVERITIES.index, default="clean"
    )


def by_severity(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Returns findings, the worst first, else in the order of the layers."""
    return tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity)))
