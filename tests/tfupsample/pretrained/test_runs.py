"""The networks of finished runs are built again as they were trained."""

import dataclasses
import json

import numpy as np
import pytest

from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import read_meta_graph
from tfupsample.model_files.saved_model_ops import check_operations
from tfupsample.pretrained.runs import read_run
from train import (
    autoencoder,
    classifier,
    dcgan,
    segmentation,
    stylegan2,
    super_resolution,
)
from train.networks.write import write_saved_model

SMALL = {"width": 2, "image_size": 8}
GANS = {
    "dcgan": (dcgan, {"latent_dim": 3, "last_width": 2}),
    "stylegan2": (stylegan2, {"latent_dim": 3, "widest": 4}),
}


def finished(folder, name, config, network):
    """Leaves what a finished run does; returns what is read of it."""
    settings = {"trainer": name, "config": dataclasses.asdict(config)}
    (folder / "config.json").write_text(json.dumps(settings))
    network.save(folder / "network.keras")
    return read_run(folder)


def check_built_again(run, network, *inputs):
    inputs = inputs if inputs[1:] else inputs[0]
    np.testing.assert_allclose(
        run.build()(inputs), network(inputs), rtol=1e-5, atol=1e-6
    )


def trained(folder, name, classes):
    trainer, settings = GANS[name]
    config = trainer.Config(**SMALL, **settings)
    network = trainer.build(config, 3, classes=classes).generator
    return finished(folder, name, config, network), network


@pytest.mark.parametrize("name", GANS)
def test_generators_are_built_again(tmp_path, rng, name):
    run, network = trained(tmp_path, name, 0)
    check_built_again(run, network, rng.normal(size=(2, 3)).astype("float32"))
    assert run.interface(network)["takes"] == {"latents": [None, 3]}


def test_the_largest_of_the_last_numbers_of_a_latent_is_its_class(
    tmp_path, rng
):
    run, network = trained(tmp_path, "dcgan", 4)
    (tmp_path / "classes.json").write_text('["a", "b", "c", "d"]')
    built = run.build()
    latents = rng.normal(size=(5, 7)).astype("float32")
    labels = np.eye(4, dtype="float32")[latents[:, 3:].argmax(axis=1)]
    np.testing.assert_allclose(
        built(latents), network([latents[:, :3], labels]), rtol=1e-5, atol=1e-6
    )
    use = run.interface(built)
    assert use["takes"] == {"latents": [None, 7]}
    assert use["classes"] == ["a", "b", "c", "d"]
    saved = tmp_path / "saved"
    write_saved_model(built, saved)
    check_operations(read_meta_graph(saved), saved)  # as when it is loaded


def test_a_stylegan2_with_labels_is_built_again_but_not_used(tmp_path, rng):
    run, network = trained(tmp_path, "stylegan2", 4)
    latents = rng.normal(size=(2, 3)).astype("float32")
    labels = np.eye(4, dtype="float32")[[3, 1]]
    check_built_again(run, network, latents, labels)
    with pytest.raises(UnusableInput, match="takes labels too"):
        run.interface(network)


def test_networks_of_images_are_built_again(tmp_path, rng):
    images = rng.uniform(-1, 1, (2, 8, 8, 3)).astype("float32")
    coder = autoencoder.Config(**SMALL, code=2, depth=2)
    enlarger = super_resolution.Config(**SMALL, blocks=1)
    judge = classifier.Config(**SMALL)
    parted = segmentation.Config(**SMALL, depth=1, norm="none")
    for name, config, network in (
        ("autoencoder", coder, autoencoder.build(coder, 3).reconstructor()),
        (
            "super_resolution_x2",
            enlarger,
            super_resolution.build(enlarger).network,
        ),
        ("classifier", judge, classifier.build(judge, 3, 5, 1)),
        ("segmentation", parted, segmentation.build(parted, 3, 5)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        run = finished(folder, name, config, network)
        check_built_again(run, network, images)


def test_segmentations_of_images_can_be_used(tmp_path):
    config = segmentation.Config(**SMALL, depth=1, norm="none")
    network = segmentation.build(config, 3, 2)
    run = finished(tmp_path, "segmentation", config, network)
    (tmp_path / "classes.json").write_text('["ground", "thing"]')
    use = run.interface(run.build())
    assert use["classes"] == ["ground", "thing"]
    assert (use["scale"], use["multiple"]) == (1, 2)
    volumes = segmentation.build(config, 3, 2, rank=3)
    with pytest.raises(UnusableInput, match="takes volumes"):
        run.interface(volumes)
