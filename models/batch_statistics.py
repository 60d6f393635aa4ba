"""The statistics of batch normalisation, for weights that no step had."""

import keras


def estimate(network, batches):
    """Sets the moving statistics to the means over some batches.

    Averaged weights never trained: the moving statistics belong to the weights
    of the last steps, and images made with them are off in contrast (Izmailov
    et al. 2018, arXiv 1803.05407, for averaged classifiers).

    Args:
        network: A `keras.Model`; without batch normalisation it is left alone.
        batches: The inputs of the network, one batch after another.
    """
    normalisations = list(_normalisations(network))
    if not normalisations:
        return
    momentums = [layer.momentum for layer in normalisations]
    for i, batch in enumerate(batches):
        for layer in normalisations:
            layer.momentum = i / (i + 1)  # of i earlier batches and this one
        network(batch, training=True)
    for layer, momentum in zip(normalisations, momentums):
        layer.momentum = momentum


def _normalisations(network):
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _normalisations(layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            yield layer
