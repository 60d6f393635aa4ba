"""Says which layers of a model paint a checkerboard or a border, and why.

Keras is imported with the stages, when there is a model to inspect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfupsample.arguments import boolean, integer
from tfupsample.inspection.findings import Inspection, by_severity

if TYPE_CHECKING:
    import keras


def inspect_model(
    model: keras.Model, probe: bool = True, samples: int = 32, seed: int = 0
) -> Inspection:
    """Finds the layers of a model that paint, and measures what it paints.

    Every layer is looked at, also inside nested models and composite layers.
    Then the model is run on flat inputs, as if its images had no border, which
    decides whether what the layers write is seen in its pictures; and on noise
    (generators on latents), and its gradient is taken.
    `tfupsample.inspection.rules` says what counts as painting.

    Args:
        model: A built `keras.Model`, which is left as it was.
        probe: Whether to run the model.
        samples: Images or latents that it is run on, besides the flat ones. No
            verdict depends on them.
        seed: Seeds them.

    Returns:
        An `Inspection`.

    Raises:
        ValueError: if the model is not built.

    Example:
    >>> import keras
    >>> model = keras.Sequential(
    ...     [keras.Input((16, 16, 3)), keras.layers.Conv2DTranspose(3, 3, 2)]
    ... )
    >>> inspect_model(model, probe=False).findings[0].kind
    'uneven overlap'
    """
    import keras

    from tfupsample.inspection.judge import (
        alike,
        judge,
        periods_of,
        unexplained,
    )
    from tfupsample.inspection.keras_graph import networks_of
    from tfupsample.inspection.probe_model import probe_model

    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {model!r}")
    boolean("probe", probe)
    integer("samples", samples, int(probe))
    integer("seed", seed, 0)
    networks = networks_of(model)
    periods = periods_of(networks)
    probed, responses = {"skipped": "not asked for"}, []
    if probe:
        probed, responses = probe_model(model, networks, periods, samples, seed)
    findings, reports = judge(networks, responses)
    findings += unexplained(model.name, responses, findings)
    findings += alike(model.name, probed)
    return Inspection(model.name, by_severity(findings), reports, probed)
