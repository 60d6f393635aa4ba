"""Which of the outputs of a network are pictures."""

from tfupsample.inspection.steps import spatial_sizes

# An output that is smaller than this share of the input is taken for features,
# not for a picture, unless a step on the way to it upsamples.
_SMALLEST_PICTURE = 0.5
_UPSAMPLES = (
    *("transposed convolution", "sub-pixel convolution", "shuffle"),
    *("resize-convolution", "resize"),
)


def pictures_of(steps, inputs, outputs):
    """Returns the steps among the outputs of a network that make pictures.

    Args:
        steps: All of its `Step`s, in the order of computing.
        inputs: Those that are given to it.
        outputs: Those that it returns. A picture that is reshaped to an output
            with fewer axes is returned in its place.
    """
    images = [step for step in inputs if step.spatial]
    least = _SMALLEST_PICTURE * max(map(side_of, images), default=1)
    decoded = _decoded(steps, {len(s.shape) for s in images})
    return [
        step
        for step in dict.fromkeys(map(_unflattened, outputs))
        if step.spatial and (step in decoded or side_of(step) >= least)
    ]


def side_of(step):
    """Returns the pixels along the longest side of a step's output."""
    sizes = spatial_sizes(step.shape, step.channel_axis)
    return max((n for n in sizes if n), default=1)


def _decoded(steps, ranks):
    """Images of these ranks that something on the way to them upsamples."""
    decoded = set()
    for step in steps:
        upsamples = step.role in _UPSAMPLES and step.factor > 1
        if upsamples or decoded.intersection(step.sources):
            decoded.add(step)
    return {step for step in decoded if len(step.shape) in ranks}


def _unflattened(step):
    """The picture that was reshaped to an output with fewer axes."""
    last = step
    while last.sources and last.role in ("reshape", "activation", "pass"):
        last = last.sources[0]
        if last.spatial and len(last.shape) > len(step.shape):
            return last
    return step
