"""What counts as painting: the inspector's rules and thresholds.

The structure of a layer makes it suspect; what it does decides. It *paints* if
its phases have unequal gains and flat inputs come out of the model with a share
of pattern of at least `VISIBLE`. Where the model was not run, the `imbalance`
of the layer's gains counts: the share of pattern in what the layer itself makes
of flat inputs. A generator's suspect paints too if its samples show the pattern
(`PROMINENT`).

It *may paint* between `INVISIBLE` and `VISIBLE`, where neither was measured,
and where the image or training decides: zeros beyond the border, something
between a convolution and its shuffle, and the gradient of a network that makes
no pictures, which can paint with nothing else.

It is a *note* below: overlap that is uneven under equal gains, unequal gains
whose pattern what follows takes away, and the gradient of a network that makes
pictures.
"""

import math

from tfupsample.inspection.findings import Finding
from tfupsample.inspection.phases import (
    before_shuffle,
    other_order_imbalance,
    phase_imbalance,
    tap_shortage,
)

VISIBLE = 0.05
"""Share of pattern that is seen: three grey levels on a feature that moves a
picture by a quarter of its range."""
INVISIBLE = 0.01
"""Share of pattern that is lost: half a grey level of 8 bits there."""

PROMINENT = 6.0
"""Decibels by which a suspect's pattern stands out of the spectrum of samples,
from which on it is there: four times the power around it."""
ENOUGH = 8
"""Samples whose spectrum is not mere chance."""

_LACK = "fewer taps in the emptiest phase than in the fullest"
_SHARE = "of what flat inputs become is pattern"
_REPAIR = "repair a trained model with tfupsample repair."


def by_share(share):
    """Returns the severity of a share of pattern.

    `"may paint"` if it is `None`, not known; `None` if it is lost.
    """
    if share is None or INVISIBLE <= share < VISIBLE:
        return "may paint"
    return "paints" if share >= VISIBLE else None


def overlap_findings(step, period, left):
    """Judges the overlap of a transposed convolution.

    Args:
        step: Its `Step`.
        period: Of its pattern, in pixels of the output.
        left: Share of its pattern that the pictures show on flat inputs;
            `None` if that was not measured.
    """
    lack = tap_shortage(step.kernel_size, step.strides, step.dilation)
    if not lack:
        return []
    dilated = max(step.dilation, default=1) > 1
    return [
        Finding(
            step.path,
            "uneven overlap",
            period,
            lack,
            _LACK,
            _severity(phase_imbalance(step), left),
            f"The stride {_by(step.strides)} does not divide the kernel "
            f"{_by(step.kernel_size)}{' with its dilation' * dilated}, so that "
            "some pixels collect more taps than others.",
            "Use ResizeConv2D, or a kernel size that the stride divides with "
            "the EqualPhaseGain constraint.",
        )
    ]


def gain_findings(step, period, left):
    """Judges the phase gains of a transposed convolution.

    Args:
        step: As for `overlap_findings`.
        period: As for `overlap_findings`.
        left: As for `overlap_findings`.
    """
    share = phase_imbalance(step)
    if not by_share(share):
        return []
    return [
        Finding(
            step.path,
            "unequal gain",
            period,
            share,
            _SHARE,
            _severity(share, left),
            _told(
                "Its kernel could not be read, so its phases may have unequal "
                "gains."
                if share is None
                else "The phases of its kernel have unequal gains, so that a "
                "flat region becomes a pattern.",
                left,
            ),
            f"Train with ResizeConv2D or EqualPhaseGain; {_REPAIR}",
        )
    ]


def shuffle_findings(step, period, left):
    """Judges a depth-to-space with the convolution before it.

    Args:
        step: As for `overlap_findings`.
        period: As for `overlap_findings`.
        left: As for `overlap_findings`.
    """
    convolution, path = before_shuffle(step)
    between = [
        s.type for s in path if s.role in ("activation", "normalisation")
    ]
    if convolution is not None and convolution.activation:
        between.insert(0, convolution.activation)
    findings = [_between(step, name, period) for name in between]
    findings += _order_findings(step, period, left)
    started_equal = convolution is not None and convolution.icnr
    return findings + _phase_findings(step, period, left, started_equal)


def _order_findings(step, period, left):
    """Judges whether a shuffle takes the phases in the order of the weights."""
    share, other = phase_imbalance(step), other_order_imbalance(step)
    if None in (share, other) or share < VISIBLE or other >= INVISIBLE:
        return []
    has, needs = ("CRD", "DCR") if step.phases_last else ("DCR", "CRD")
    return [
        Finding(
            step.path,
            "order of phases",
            period,
            share,
            _SHARE,
            _severity(share, left),
            f"It takes the phases in the order {has}, and the weights before "
            f"it have equal phases in the order {needs}.",
            f"Shuffle in the order {needs}: DCR is that of TensorFlow, CRD "
            "that of PyTorch.",
        )
    ]


def subpixel_findings(step, period, left):
    """Judges a layer that convolves and shuffles.

    Args:
        step: As for `overlap_findings`.
        period: As for `overlap_findings`.
        left: As for `overlap_findings`.
    """
    return _phase_findings(step, period, left, step.icnr)


def _phase_findings(step, period, left, started_equal):
    share = phase_imbalance(step)
    if not by_share(share):
        return []
    if share is None:
        message = "What makes its phases could not be read."
    elif started_equal:
        message = "Its phases started equal and have unequal gains by now."
    else:
        message = "The phases before the shuffle have unequal gains."
    return [
        Finding(
            step.path,
            "unequal gain" if started_equal else "no ICNR",
            period,
            share,
            _SHARE,
            _severity(share, left),
            _told(message, left),
            "Start with ICNR, as SubpixelConv2D does, and stay there with "
            f"EqualPhaseGain(transposed=False); {_REPAIR}",
        )
    ]


def _severity(share, left):
    """By what is left in the pictures, else by the layer's own share."""
    return by_share(share if left is None else left) or "note"


def _told(message, left):
    if left is None or left >= INVISIBLE:
        return message
    return f"{message} Flat images show no pattern in the output all the same."


def _between(step, name, period):
    return Finding(
        step.path,
        "between convolution and shuffle",
        period,
        None,
        "",
        "may paint",
        f"{name} between the convolution and the shuffle treats each phase by "
        "itself.",
        "Move it behind the shuffle.",
    )


def border_findings(step, scale):
    """Judges the zeros that a step sees beyond the border."""
    if not step.border:
        return []
    return [
        Finding(
            step.path,
            "zero padding",
            None,
            float(math.ceil(step.border * scale - 1e-6)),
            "px of the output on each side",
            "may paint",
            "It sees zeros beyond the border, and the network can learn to "
            "draw with them.",
            "Use PaddedConv2D or Pad2D, with pad_mode='symmetric'.",
        )
    ]


def unread_findings(step, period):
    """Judges a step whose inside is not known."""
    if step.role != "not read":
        return []
    return [
        Finding(
            step.path,
            "not read",
            period,
            None,
            "",
            "may paint",
            f"What the operation {step.type} does is not known here.",
            "Export the model with standard operations and without branches.",
        )
    ]


def average_findings(step):
    """Judges an average pooling by what comes before."""
    padding = step.sources[0] if step.sources else step
    while padding.role == "pass" and padding.sources:
        padding = padding.sources[0]
    if step.role != "average pool" or padding.role != "zero padding":
        return []
    seen = [max(1 - padding.border / k, 0) for k in step.kernel_size]
    return [
        Finding(
            step.path,
            "padding before average",
            None,
            1 - math.prod(seen),
            "of the average in a corner is zeros",
            "may paint",
            "It averages zeros of the padding before it into the border, "
            "which gets dark.",
            "Pad with Pad2D, pad_mode='symmetric', or use BlurDownsample2D.",
        )
    ]


def gradient_findings(step, period, severity):
    """Judges what a step does to the gradient that passes it."""
    if step.role == "max pool" and max(step.strides) > 1:
        return [
            Finding(
                step.path,
                "max-pool gradient",
                period,
                1 - 1 / math.prod(step.strides),
                "of the pixels get no gradient",
                severity,
                "Its gradient reaches one pixel of each window.",
                "Where gradients become pictures, use average pooling or "
                "BlurDownsample2D.",
            )
        ]
    if step.role != "convolution":
        return []
    lack = tap_shortage(step.kernel_size, step.strides, step.dilation)
    return [
        Finding(
            step.path,
            "strided gradient",
            period,
            lack,
            _LACK,
            severity,
            f"The stride {_by(step.strides)} does not divide the kernel "
            f"{_by(step.kernel_size)}, so that some input pixels get more "
            "gradient than others.",
            "Where gradients become pictures, use a kernel size that the "
            "stride divides.",
        )
    ] * bool(lack)


def _by(sizes):
    """As people write it: `3×3`, or `2` for one axis."""
    return "×".join(map(str, sizes))
