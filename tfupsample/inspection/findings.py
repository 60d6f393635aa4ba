"""What the inspector says: findings, a row for each layer, and the whole."""

import dataclasses
from collections.abc import Sequence

SEVERITIES = ("paints", "may paint", "note")


@dataclasses.dataclass(frozen=True)
class Finding:
    """One fact about one layer.

    Attributes:
        layer: Path of the layer, such as `"decoder/up_2"`.
        kind: `"uneven overlap"`, `"unequal gain"`, `"no ICNR"`, `"order of
            phases"`, `"between convolution and shuffle"`, `"zero padding"`,
            `"padding before average"`, `"strided gradient"`, `"max-pool
            gradient"`, `"not read"` or `"outputs alike"`.
        period: The period of the pattern in pixels of the model's output, or
            of its input for gradients; `None` if there is no pattern, as for
            borders, or if the pattern ends before the output.
        magnitude: The size of the effect, in `unit`; `None` if it is not
            known.
        unit: The meaning of `magnitude`.
        severity: `"paints"`, `"may paint"` or `"note"`.
        message: What was found, in one sentence.
        advice: What to do about it, in one sentence.
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
        layer: The path of the layer.
        type: The name of its class or operation.
        role: What it does to an image, such as `"transposed convolution"`.
        kernel_size: Taps along each axis; empty if there is no kernel.
        strides: Factor up or down along each axis; empty if there is none.
        period: The period of the pattern that it can write into the output, in
            pixels; `None` if it does not upsample or does not reach an output.
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
        model: The name of the model.
        findings: All findings, the worst first.
        layers: A report on each layer, in the order of computation.
        probe: What the whole model does to flat images and to noise (see
            `tfupsample.inspection.probe`); `{"skipped": reason}` if it was not
            run.
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
        """Returns the inspection from which `to_json` made `data`."""
        return cls(
            data["model"],
            tuple(Finding(**finding) for finding in data["findings"]),
            tuple(LayerReport(**layer) for layer in data["layers"]),
            data["probe"],
        )

    def to_json(self) -> dict:
        """Returns the inspection as dictionaries, lists and numbers."""
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
    """Returns findings, the worst first, then in the order of the layers."""
    return tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity)))


def sizes_text(sizes):
    """Returns sizes as people write them: `3×3`, or `2` for one axis."""
    return "×".join(map(str, sizes))
