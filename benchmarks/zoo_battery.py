"""Every model of the zoo on every upsampler trains, saves, exports and scores.

    python -m benchmarks.zoo_battery
    KERAS_BACKEND=jax python -m benchmarks.zoo_battery
    python -m benchmarks.zoo_battery dcgan stylegan2

Toy sizes, built as the entry points build them. For each pair: one step with a
finite loss that changes the weights; a `.keras` file and a SavedModel whose
outputs are those of the network; a finite artifact score of these. A pair that
fails is listed with its error, and the exit status is 1. With names of models,
only theirs are tried again.
"""

import gc
import json
import pathlib
import sys
import tempfile

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from benchmarks import timing
from models import deep_image_prior as prior_model
from models import perceptual
from tfupsample import UPSAMPLERS
from tfupsample.measures.artifacts import coherent_score
from train import (
    autoencoder,
    dcgan,
    deep_image_prior,
    style_transfer,
    stylegan2,
    super_resolution,
)
from train.networks.write import export

BATCH, SIZE, PERIOD = 4, 16, 2
RNG = np.random.default_rng(0)


def pictures(size=SIZE, batch=BATCH):
    """Returns a batch of noise in [-1, 1]."""
    return RNG.uniform(-1, 1, (batch, size, size, 3)).astype("float32")


def of_dcgan(upsample):
    """Returns the model in training, its network and the data of a step."""
    config = dcgan.Config(upsample=upsample, image_size=SIZE, width=4)
    model = dcgan.build(config, 3)
    return model, model.generator, (pictures(),)


def of_stylegan2(upsample):
    """As `of_dcgan`."""
    config = stylegan2.Config(
        upsample=upsample, image_size=SIZE, width=4, widest=8, batch_size=BATCH
    )
    model = stylegan2.build(config, 3)
    return model, model.generator, (pictures(),)


def of_autoencoder(upsample):
    """As `of_dcgan`."""
    config = autoencoder.Config(upsample=upsample, image_size=SIZE, width=4)
    model = autoencoder.build(config, 3)
    images = pictures()
    return model, model.decoder, (images, images)


def of_super_resolution(upsample):
    """As `of_dcgan`."""
    config = super_resolution.Config(upsample=upsample, width=4, blocks=1)
    model = super_resolution.build(config)
    return model, model.network, (pictures(), pictures(2 * SIZE))


def of_style_transfer(upsample):
    """As `of_dcgan`."""
    config = style_transfer.Config(upsample=upsample, width=4, blocks=1)
    features = perceptual.multiscale(4, 1)
    model = style_transfer.build(config, list(pictures(32, 2)), features)
    return model, model.network, (pictures(),)


def of_deep_image_prior(upsample):
    """As `of_dcgan`."""
    config = deep_image_prior.Config(
        upsample=upsample, image_size=32, depth=2, width=4
    )
    found = deep_image_prior.problem(config)
    noise = RNG.uniform(size=(1, 32, 32, prior_model.INPUT_CHANNELS))
    model = deep_image_prior.build(config, found)
    data = noise.astype("float32"), found.picture, found.mask
    return model, model.network, data


MODELS = {
    "autoencoder": of_autoencoder,
    "dcgan": of_dcgan,
    "deep_image_prior": of_deep_image_prior,
    "style_transfer": of_style_transfer,
    "stylegan2": of_stylegan2,
    "super_resolution": of_super_resolution,
}


def passes(build, upsample):
    """Raises `AssertionError` or anything else where a pair fails."""
    keras.utils.set_random_seed(0)
    model, network, data = build(upsample)
    before = [
        ops.convert_to_numpy(w).copy() for w in network.trainable_variables
    ]
    losses = model.train_on_batch(*data, return_dict=True)
    assert np.isfinite(list(losses.values())).all(), losses
    after = [
        ops.convert_to_numpy(w).copy() for w in network.trainable_variables
    ]
    assert any((a != b).any() for a, b in zip(before, after)), "nothing learned"
    network = with_known_sizes(network)
    inputs = [
        RNG.normal(size=(BATCH, *x.shape[1:])).astype("float32")
        for x in network.inputs
    ]
    expected = ops.convert_to_numpy(
        network(inputs if inputs[1:] else inputs[0])
    )
    with tempfile.TemporaryDirectory() as folder:
        saved_model, file = export(network, pathlib.Path(folder), "network")
        copy = keras.saving.load_model(file)
        near(copy(inputs if inputs[1:] else inputs[0]), expected)
        loaded = tf.saved_model.load(saved_model)  # holds the variables
        near(loaded.serve(*([inputs] if inputs[1:] else inputs)), expected)
    assert np.isfinite(coherent_score(expected, PERIOD))


def with_known_sizes(network):
    """Returns a network of pictures of `SIZE`: JAX exports no others."""
    if all(None not in x.shape[1:] for x in network.inputs):
        return network
    inputs = [
        keras.Input([n or SIZE for n in x.shape[1:]]) for x in network.inputs
    ]
    inputs = inputs if inputs[1:] else inputs[0]
    return keras.Model(inputs, network(inputs))


def near(outputs, expected):
    """Asserts that outputs agree, but for the order of sums."""
    np.testing.assert_allclose(outputs, expected, rtol=1e-3, atol=1e-4)


def outcome(build, upsample):
    """Returns `"passes"` or the error in a line."""
    keras.backend.clear_session()
    gc.collect()
    try:
        passes(build, upsample)
    except Exception as error:  # of whatever kind: it is what is looked for
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return "passes"


def main():
    """Prints and writes the outcomes; returns the number of failures."""
    path = timing.path_of("zoo_battery")
    rows = json.loads(path.read_text())["outcomes"] if path.exists() else {}
    for name in sys.argv[1:] or MODELS:
        rows[name] = {u: outcome(MODELS[name], u) for u in UPSAMPLERS}
        print(name, rows[name], flush=True)
    print(timing.write("zoo_battery", {"outcomes": rows}))
    found = [value for row in rows.values() for value in row.values()]
    return sum(value != "passes" for value in found)


if __name__ == "__main__":
    sys.exit(bool(main()))
