"""An upsampling that is told the size of its output, as two steps."""

from tfupsample.inspection.keras_steps import step_of
from tfupsample.inspection.steps import Step


def upsampling_steps(layer, path, source, before, after):
    """Returns the step of a layer of this package and, if it cuts, another.

    By itself the layer can run on any image, as the inspector makes it do. An
    array that is only there for its sizes is no source of either step.

    Args:
        layer: An `UpsamplingBase`.
        path: Its path.
        source: `(step, index)` of its input.
        before: The shape of its input.
        after: The shape of its output, after the cut.
    """
    whole = layer.compute_output_shape(before)
    step = step_of(layer, path, [source], whole, lambda layer, x: [layer(x)])
    if after == whole:
        return [step]
    ends = (..., *map(slice, after[1:]))
    cut = Step(
        f"{path}/cut",
        "Cropping",
        "pass",
        (step,),
        (0,),
        shape=after,
        channel_axis=step.channel_axis,
        call=lambda x: [x[ends]],
    )
    return [step, cut]
