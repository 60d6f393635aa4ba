"""Applies the rules to networks whose steps were measured."""

import dataclasses

from tfupsample.inspection import rules
from tfupsample.inspection.findings import (
    Finding,
    Inspection,
    LayerReport,
    by_severity,
    worst,
)
from tfupsample.inspection.phases import phase_imbalance
from tfupsample.inspection.steps import (
    gradient_period,
    pattern_period,
    scale_from_inputs,
    scale_to_pictures,
)

_FORWARD = {
    "transposed convolution": (rules.overlap_findings, rules.gain_findings),
    "shuffle": (rules.shuffle_findings,),
    "sub-pixel convolution": (rules.subpixel_findings,),
}
_PATTERNS = ("uneven overlap", "unequal gain", "no ICNR")
_UNLISTED = (
    *("input", "other", "pass", "activation", "normalisation", "bias"),
    *("reshape", "frames", "pointwise"),
)


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
            forward.add(pattern_period(step, to_pictures))
            backward.add(gradient_period(step, from_inputs))
    return tuple(
        sorted(p for p in found if p) or [2, 4, 8]
        for found in (forward, backward)
    )


def judge(networks, responses=()):
    """Applies the rules to every step.

    A layer that is called several times is judged once, where its pattern is
    the coarsest.

    Args:
        networks: `Network`s.
        responses: The `FlatResponse` of each, or `None` where flat inputs were
            not measured; nothing measured by default.

    Returns:
        `(findings, reports)`: lists of `Finding` and `LayerReport`, in the
        order of the layers.
    """
    judged = {}
    responses = responses or [None] * len(networks)
    for network, response in zip(networks, responses):
        to_pictures = scale_to_pictures(network)
        from_inputs = scale_from_inputs(network)
        left = _left_in_pictures(network, response, to_pictures)
        for step in network.steps:
            period = pattern_period(step, to_pictures)
            findings = _judge_step(
                step,
                period,
                left.get(step),
                to_pictures.get(step),
                gradient_period(step, from_inputs),
                "note" if network.pictures else "may paint",
            )
            key = _identity(step)
            coarsest = judged.get(key, (step, None, ()))[1] or 0
            if key not in judged or (period or 0) > coarsest:
                judged[key] = step, period, findings
    reports = [
        _report(step, period, findings)
        for step, period, findings in judged.values()
        if step.role not in _UNLISTED
    ]
    return [f for _, _, found in judged.values() for f in found], reports


def concluded(name, networks, probed, responses):
    """Returns the `Inspection` of what was read and measured.

    Args:
        name: The model's name.
        networks: As for `judge`.
        probed: As for `alike`.
        responses: As for `judge`.
    """
    findings, reports = judge(networks, responses)
    findings = [_seen(finding, probed) for finding in findings]
    reports = [_with_severity(report, findings) for report in reports]
    findings += unexplained(name, responses, findings)
    findings += alike(name, probed)
    return Inspection(name, by_severity(findings), reports, probed)


def _seen(finding, probed):
    """Returns a finding that paints if samples show the pattern it suspects.

    Training moves the pattern of flat inputs into what latents draw. Noise
    that goes through a network of images shows no such thing for sure.
    """
    drawn = probed.get("forward", {}).get("latents", {})
    row = drawn.get(str(finding.period), {})
    if probed.get("samples", 0) < rules.ENOUGH:
        return finding
    if (
        finding.severity != "may paint"
        or finding.kind not in _PATTERNS
        or row.get("prominence", 0) < rules.PROMINENT
    ):
        return finding
    message = f"{finding.message} The samples show it."
    return dataclasses.replace(finding, severity="paints", message=message)


def _with_severity(report, findings):
    own = [f for f in findings if f.layer == report.layer]
    return dataclasses.replace(report, severity=worst(own))


def unexplained(name, responses, findings):
    """Returns a finding if flat inputs show a pattern that no layer explains.

    Such a layer is one that the reader cannot look into.

    Args:
        name: The model's name.
        responses: As for `judge`.
        findings: The findings of `judge`.
    """
    measured = [r for r in responses if r is not None]
    response = max(measured, key=lambda r: r.total, default=None)
    severity = rules.by_share(response.total) if response else None
    if not severity or any(f.severity == "paints" for f in findings):
        return []
    if severity == "may paint" and _suspected(findings):
        return []
    period = max(response.shares, key=response.shares.get, default=None)
    return [
        Finding(
            name,
            "unequal gain",
            period,
            response.total,
            "of the output's spread, on flat inputs",
            severity,
            "Flat images come out with a pattern that no layer here explains.",
            "Look at the custom layers that upsample.",
        )
    ]


def alike(name, probed):
    """Returns a note if a model gives the same output for every input.

    Args:
        name: The model's name.
        probed: The result of `tfupsample.inspection.probe.probe`.
    """
    if not probed.get("alike"):
        return []
    return [
        Finding(
            name,
            "outputs alike",
            None,
            None,
            "",
            "note",
            f"All {probed['samples']} inputs gave the same output, so that no "
            "pattern can be told from what the model draws.",
            "Train the model, or look for inputs that it answers to.",
        )
    ]


def _suspected(findings):
    return any(f.kind in _PATTERNS and f.severity != "note" for f in findings)


def _left_in_pictures(network, response, to_pictures):
    """Shares of pattern that steps with unequal gains leave in the pictures.

    Where all of them leave less than there is, the strongest has the rest.
    """
    if response is None:
        return {}
    left = {
        step: response.shares.get(pattern_period(step, to_pictures), 0.0)
        for step in network.steps
        if pattern_period(step, to_pictures)
    }
    suspects = [step for step in left if _is_unequal(step)]
    if suspects:
        strongest = max(suspects, key=left.get)
        left[strongest] = max(left[strongest], response.total)
    return left


def _is_unequal(step):
    if step.role not in _FORWARD:
        return False
    share = phase_imbalance(step)
    return share is None or share >= rules.INVISIBLE


def _judge_step(step, period, left, scale, gradient_period, gradient_severity):
    findings = []
    if period is not None:
        for rule in _FORWARD.get(step.role, ()):
            findings += rule(step, period, left)
    if scale is not None:
        findings += rules.border_findings(step, scale)
        findings += rules.unread_findings(step, period)
    findings += rules.average_findings(step)
    if gradient_period is not None:
        findings += rules.gradient_findings(
            step, gradient_period, gradient_severity
        )
    return findings


def _identity(step):
    """The layer where it has weights: it may be used in several places."""
    return id(step.layer) if getattr(step.layer, "weights", ()) else step.path


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
