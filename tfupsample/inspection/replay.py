"""Runs a network step by step, as the model that it was read from runs."""

from keras import ops


def picture_of(network):
    """Returns the largest picture of two axes that a network makes, or `None`.

    Args:
        network: A `Network`.
    """
    flat = [s for s in network.pictures if len(s.shape) == 4]
    return max(flat, key=lambda s: s.shape[1] * s.shape[2], default=None)


def replay(network, step, inputs):
    """Returns the output of a step, channels last.

    Args:
        network: A `Network` whose steps can be called.
        step: One of them.
        inputs: One tensor for each input of the network.
    """
    made = {s: [x] for s, x in zip(network.inputs, inputs)}
    for each in _leading_to(step, network):
        if each not in made:
            given = [made[s][i] for s, i in zip(each.sources, each.outputs)]
            made[each] = each.call(*given)
    return ops.moveaxis(made[step][0], step.channel_axis, -1)


def _leading_to(step, network):
    needed = {step}
    for each in reversed(network.steps):
        if each in needed:
            needed.update(each.sources)
    return [each for each in network.steps if each in needed]
