"""Runs a Keras model, however it can be run."""

import re

import keras
from keras import ops

from tfupsample.inspection.flat import flat_response, response_of_function
from tfupsample.inspection.keras_graph import channel_axis, unchanged
from tfupsample.inspection.keras_inputs import given_inputs
from tfupsample.inspection.probe import SIDE, probe
from tfupsample.inspection.probe_inputs import Given, inputs_of
from tfupsample.inspection.replay import picture_of, replay


def probe_model(model, networks, periods, samples, seed):
    """Measures what a model makes of flat inputs, of noise, and of gradients.

    Args:
        model: The model, which is left as it was.
        networks: The result of `networks_of(model)`.
        periods: `(forward, backward)`, as for `probe`.
        samples: The number of images or latents, at least 1.
        seed: The seed of the samples.

    Returns:
        `(probed, responses)`. The first is the result of
        `tfupsample.inspection.probe.probe` with a further row `"flat"`, whose
        `ripple` is the share of pattern with this period and no shorter one;
        or `{"skipped": reason}`. The second has the `FlatResponse` of each
        network, or `None` if it is not known.
    """
    with unchanged(model):
        responses = [flat_response(n, periods[0], seed) for n in networks]
        if _whole(networks, model):
            # Layers that could not be read are part of what was run.
            responses = [
                response if network.dtypes else responses[0]
                for network, response in zip(networks, responses)
            ]
        function, given, batch = _runnable(model, networks)
        known = [r for r in responses if r]
        probed, of_function = probe_function(
            function, given, periods, samples, seed, batch, known
        )
    return probed, responses if any(responses) else of_function * len(networks)


def probe_function(
    function, given, periods, samples, seed, batch, responses=()
):
    """Measures the same for a function whose steps cannot be run.

    Args:
        function: A function from a list of arrays to one array.
        given: A `Given` for each of the arrays in the list.
        periods: As for `probe_model`.
        samples: As for `probe_model`.
        seed: As for `probe_model`.
        batch: The number of samples in each call.
        responses: The `FlatResponse`s that are known already.

    Returns:
        The same as `probe_model`, for one network.
    """
    try:
        probed = probe(function, given, periods, samples, seed, batch)
    # The model's own code raises, for instance on inputs drawn here.
    except Exception as error:
        return {"skipped": f"It does not run: {_first_line(error)}"}, [None]
    if not responses and probed["kind"] != "features":
        responses = [response_of_function(function, given, periods[0], batch)]
    return _with_flat(probed, responses), list(responses) or [None]


def _whole(networks, model):
    """Returns the network of the whole model, `None` if only parts exist."""
    return next((n for n in networks if n.model is model), None)


def _runnable(model, networks):
    """Returns `(function, given, batch)`: a model as a function of arrays."""
    network = _whole(networks, model)
    step = picture_of(network) if network else None
    if step:
        given = inputs_of(network)
        batch = max(s.shape[0] for s in network.inputs)
        return lambda arrays: replay(network, step, arrays), given, batch
    args, kwargs = given_inputs(model, SIDE)
    symbols = keras.tree.flatten((args, kwargs))
    axis = channel_axis(model)

    def function(arrays):
        called, named = keras.tree.pack_sequence_as((args, kwargs), arrays)
        y = keras.tree.flatten(model(*called, training=False, **named))[0]
        return ops.moveaxis(y, axis, -1) if len(y.shape) > 2 else y

    given = [
        Given(
            tuple(symbol.shape[1:]),
            keras.backend.standardize_dtype(symbol.dtype),
            axis,
            len(symbol.shape) > 2,
        )
        for symbol in symbols
    ]
    return function, given, symbols[0].shape[0]


def _with_flat(probed, responses):
    """Adds the response to flat inputs to the measured rows."""
    shares = {}
    for response in responses:
        for period, share in response.shares.items() if response else ():
            shares[period] = max(shares.get(period, 0.0), share)
    if not shares:
        return probed
    flat = {str(p): {"ripple": share} for p, share in sorted(shares.items())}
    return probed | {"forward": {"flat": flat} | probed.get("forward", {})}


def _first_line(error):
    """What was said first; in errors of a layer's call Keras prints it bold."""
    text = str(error)
    bold = re.search(r"\x1b\[1m(.*?)\x1b\[0m", text, re.DOTALL)
    lines = (bold[1] if bold else text).strip().splitlines()
    return lines[0] if lines else type(error).__name__
