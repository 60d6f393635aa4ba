"""Says which layers of a model paint a checkerboard or a border, and why."""

import keras

from tfupsample.arguments import boolean, integer
from tfupsample.inspection import rules
from tfupsample.inspection.findings import (
    SEVERITIES,
    Finding,
    Inspection,
    LayerReport,
    worst,
)
from tfupsample.inspection.keras_graph import networks_of
from tfupsample.inspection.probe import probe_model
from tfupsample.inspection.steps import scale_from_inputs, scale_to_pictures

_FORWARD = {
    "transposed convolution": (rules.overlap_findings, rules.gain_findings),
    "shuffle": (rules.shuffle_findings,),
    "sub-pixel convolution": (rules.subpixel_findings,),
}
_UNLISTED = ("input", "other", "pass", "activation", "normalisation", "bias")


def inspect_model(
    model: keras.Model, probe: bool = True, samples: int = 32, seed: int = 0
) -> Inspection:
    """Finds the layers of a model that paint, and measures what it paints.

    Every layer is looked at, also inside nested models and composite layers;
    then the whole model is run on flat images and on noise (generators on
    latents), and its gradient taken. `tfupsample.inspection.rules` says what
    counts as painting.

    Args:
        model: A built `keras.Model`, which is not changed.
        probe: Whether to run the model.
        samples: Images or latents that it is run on.
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
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {model!r}")
    boolean("probe", probe)
    integer("samples", samples, int(probe))
    integer("seed", seed, 0)
    networks = networks_of(model)
    findings, reports = judge(networks)
    probed = {"skipped": "not asked for"}
    if probe:
        forward, backward = periods_of(networks)
        probed = probe_model(model, forward, backward, samples, seed)
        findings += unexplained(model.name, probed, findings)
    return Inspection(model.name, by_severity(findings), reports, probed)


def by_severity(findings):
    """Returns findings, the worst first, else in the order of the layers."""
    return tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity)))


def judge(networks):
    """Applies the rules to every step.

    A layer that is called several times is judged once, where its pattern is
    the coarsest.

    Args:
        networks: `Network`s.

    Returns:
        `(findings, reports)`: lists of `Finding` and `LayerReport`.
    """
    judged = {}
    for network in networks:
        to_pictures = scale_to_pictures(network)
        from_inputs = scale_from_inputs(network)
        for step in network.steps:
            period = _period(step, to_pictures)
            findings = _judge_step(
                step,
                period,
                to_pictures.get(step),
                _gradient_period(step, from_inputs),
                "note" if network.pictures else "may paint",
            )
            coarsest = judged.get(step.path, (step, None, ()))[1] or 0
            if step.path not in judged or (period or 0) > coarsest:
                judged[step.path] = step, period, findings
    reports = [
        _report(step, period, findings)
        for step, period, findings in judged.values()
        if step.role not in _UNLISTED
    ]
    return [f for _, _, found in judged.values() for f in found], reports


def _judge_step(step, period, scale, gradient_period, gradient_severity):
    findings = []
    if period is not None:
        for rule in _FORWARD.get(step.role, ()):
            findings += rule(step, period)
    if scale is not None:
        findings += rules.border_findings(step, scale)
    findings += rules.average_findings(step)
    if gradient_period is not None:
        findings += rules.gradient_findings(
            step, gradient_period, gradient_severity
        )
    return findings


def periods_of(networks):
    """Returns the periods that the layers of networks can write.

    Returns:
        `(forward, backward)`: of upsamplings, in pixels of the output, and of
        downsamplings, in pixels of the input; each sorted, `[2, 4, 8]` where
        there are none.
    """
    forward, backward = set(), set()
    for network in networks:
        to_pictures = scale_to_pictures(network)
        from_inputs = scale_from_inputs(network)
        for step in network.steps:
            forward.add(_period(step, to_pictures))
            backward.add(_gradient_period(step, from_inputs))
    return tuple(
        sorted(p for p in found if p) or [2, 4, 8]
        for found in (forward, backward)
    )


def unexplained(name, probed, findings):
    """Returns a finding if flat images show a pattern that no layer explains.

    Such a layer is one that the walk cannot look into.
    """
    if any(f.severity == "paints" for f in findings):
        return []
    flat = probed.get("forward", {}).get("flat", {})
    ripple = {period: row["ripple"] for period, row in flat.items()}
    period = max(ripple, key=ripple.get, default=None)
    severity = rules.by_share(ripple[period]) if ripple else None
    if severity is None:
        return []
    return [
        Finding(
            name,
            "unequal gain",
            int(period),
            ripple[period],
            "of the output's spread, on flat inputs",
            severity,
            "Flat images come out with a pattern that no layer here explains.",
            "Look at the custom layers that upsample.",
        )
    ]


def _period(step, to_pictures):
    """Pixels of the output from one repetition of a step's pattern on."""
    # A factor that is not whole is half of a step, as one axis of a resize.
    if step not in to_pictures or step.factor <= 1 or not _whole(step.factor):
        return None
    period = round(step.factor * to_pictures[step])
    return period if period > 1 else None


def _gradient_period(step, from_inputs):
    if step not in from_inputs or step.factor >= 1:
        return None
    period = round(from_inputs[step])
    return period if period > 1 else None


def _whole(factor):
    return abs(factor - round(factor)) < 1e-6


def _report(step, period, findings):
    return LayerReport(
        step.path,
        step.type,
        step.role,
        tuple(map(int, step.kernel_size)),
        tuple(map(int, step.strides)),
        period,
        worst(findings),
    )
