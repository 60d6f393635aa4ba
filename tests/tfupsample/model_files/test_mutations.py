"""Files with bytes changed at random are inspected or refused, each in time."""

import collections
import os
import pathlib
import shutil
import sys

import hostile_models as hostile
import keras
import pytest
from keras import layers

from tfupsample.errors import UnusableInput
from tfupsample.model_files import sandbox

pytestmark = pytest.mark.soak

COUNT = int(os.environ.get("TFUPSAMPLE_MUTATIONS", 2000))  # of each kind
BATCH = 100


def generator():
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(8, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2DTranspose(4, 3, 2, "same"),
            layers.UpSampling2D(),
            layers.Conv2D(3, 3),
        ]
    )


KINDS = {
    "archive": ("model.keras", ""),
    "member": ("model.keras", ""),
    "h5": ("model.h5", ""),
    "graph": ("model", "saved_model.pb"),
    "index": ("model", "variables/variables.index"),
    "variables": ("model", "variables/variables.data-00000-of-00001"),
}


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    model = generator()
    model.save(folder / "model.keras")
    model.save(folder / "model.h5")
    model.export(folder / "model", verbose=False)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_mutations(kind, originals, tmp_path, rng, monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 1000)
    here = str(pathlib.Path(__file__).parent)
    monkeypatch.setattr(sys, "path", [here, *sys.path])
    found, longest, peak = collections.Counter(), 0, 0
    for start in range(0, COUNT, BATCH):
        folder = tmp_path / str(start)
        folder.mkdir()
        paths = [
            mutant(kind, originals, folder / str(i), rng) for i in range(BATCH)
        ]
        for outcomes, memory in inspected(paths):
            found.update(outcome for outcome, _ in outcomes)
            longest = max(longest, *(seconds for _, seconds in outcomes))
            peak = max(peak, memory)
        shutil.rmtree(folder)
    print(f"{kind}: {dict(found)}, {longest:.1f} s, {peak} MB")
    assert longest < 30
    assert peak < 1536
    assert set(found) <= {"inspected", "refused", "crashed"}


def mutant(kind, originals, place, rng):
    name, inner = KINDS[kind]
    path = place / name
    place.mkdir()
    if inner:
        shutil.copytree(originals / name, path)
    else:
        shutil.copy(originals / name, path)
    if kind == "member":
        hostile.mutate_member(path, rng)
    else:
        file = path / inner
        file.write_bytes(hostile.mutated(file.read_bytes(), rng))
    return str(path)


def inspected(paths):
    """Yields outcomes and peak; those of a crash one by one."""
    arguments = {"paths": paths}
    try:
        yield sandbox.call("inspecting:inspect_all", arguments, paths[0])
    except UnusableInput:
        if len(paths) == 1:
            yield [("crashed", 0.0)], 0
            return
        for path in paths:
            yield from inspected([path])
