import types

import keras
import numpy as np
import pytest

from train.engine import checkpoint


@pytest.fixture
def make_model(rng):
    """A new model each time, trained for a step: it has state to lose."""

    def make(units=3):
        layers = [keras.layers.Dense(units), keras.layers.Dropout(0.5)]
        model = keras.Sequential([keras.Input((4,)), *layers])
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
        return model

    return make


def train(model, epochs=1):
    x = np.linspace(-1, 1, 32).reshape(8, 4).astype("float32")
    model.fit(x, x[:, :3], epochs=epochs, shuffle=False, verbose=0)


def test_a_restored_training_goes_on_as_if_undisturbed(make_model, tmp_path):
    model = make_model()
    train(model)
    checkpoint.save(model, tmp_path, 1)
    train(model, 2)

    resumed = make_model()
    checkpoint.restore_latest(resumed, tmp_path)
    train(resumed, 2)
    for a, b in zip(
        checkpoint.variables(model), checkpoint.variables(resumed), strict=True
    ):
        np.testing.assert_array_equal(a, b, err_msg=a.path)


def values(model):
    """The state by the names that layers have, whatever their order."""
    return {v.path: np.array(v) for v in checkpoint.variables(model)}


def pair(*names):
    """A model of two layers of the same shape, listed in this order."""
    layers = [keras.layers.Dense(3, name=name) for name in names]
    model = keras.Sequential([keras.Input((3,)), *layers], name="pair")
    model.compile(keras.optimizers.Adam(name="adam"), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_the_order_of_variables_does_not_matter(tmp_path, rng):
    model, other = pair("above", "below"), pair("below", "above")
    paths = [[v.path for v in m.trainable_variables] for m in (model, other)]
    assert paths[0] != paths[1] and sorted(paths[0]) == sorted(paths[1])
    for variable in checkpoint.variables(model):
        variable.assign(rng.normal(size=variable.shape))
    checkpoint.save(model, tmp_path, 1)
    checkpoint.restore_latest(other, tmp_path)
    expected, found = values(model), values(other)
    assert found.keys() == expected.keys()
    for path, array in expected.items():
        np.testing.assert_array_equal(found[path], array, err_msg=path)


@pytest.mark.parametrize(
    "paths, keys",
    [
        (["a/kernel", "b/kernel"], ["a/kernel", "b/kernel"]),
        # Layers that were made as the tenth and eleventh, listed backwards.
        (["dense_10/bias", "dense_9/bias"], ["dense/bias#1", "dense/bias"]),
        (["x/dense_1/k", "x/dense/k"], ["x/dense/k#1", "x/dense/k"]),
        # In the names of an optimizer's variables.
        (["adam/dense_2_k_momentum"], ["adam/dense_k_momentum"]),
        # Numbers that belong to names stay.
        (["block2/conv2d/k"], ["block2/conv2d/k"]),
        (["same", "same", "same"], ["same", "same#1", "same#2"]),
    ],
)
def test_keys_are_paths_made_unique(paths, keys):
    variables = [types.SimpleNamespace(path=path) for path in paths]
    assert checkpoint.keys(variables) == keys


def test_checkpoints_by_position_are_still_read(make_model, tmp_path):
    model = make_model()
    train(model)
    state = [np.asarray(v) for v in checkpoint.variables(model)]
    with open(tmp_path / "epoch_00001.npz", "wb") as file:
        np.savez(file, **{f"{i:05d}": array for i, array in enumerate(state)})
    resumed = make_model()
    checkpoint.restore_latest(resumed, tmp_path)
    for a, b in zip(state, checkpoint.variables(resumed), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_seeds_of_dropout_are_part_of_the_state(make_model, tmp_path):
    model = make_model()
    paths = [v.path for v in checkpoint.variables(model)]
    assert any("seed_generator_state" in path for path in paths)


def test_the_last_three_are_kept(make_model, tmp_path):
    model = make_model()
    for epoch, step in ((0, 0), (1, 0), (2, 0), (9, 0), (9, 120), (10, 0)):
        checkpoint.save(model, tmp_path, epoch, step)
    names = [path.name for path in checkpoint.paths(tmp_path)]
    assert names == [
        "epoch_00009.npz",
        "epoch_00009_step_000120.npz",
        "epoch_00010.npz",
    ]
    assert len(list(tmp_path.iterdir())) == 3
    newest = checkpoint.restore_latest(model, tmp_path)
    assert checkpoint.position(newest) == (10, 0)


def test_without_checkpoints_a_run_starts_anew(make_model, tmp_path):
    model = make_model()
    assert checkpoint.restore_latest(model, tmp_path / "nowhere") is None


def test_copies_are_left_alone(make_model, tmp_path):
    model = make_model()
    path = checkpoint.save(model, tmp_path, 1)
    for name in ("epoch_00001 (copy).npz", "epoch_.npz", "epoch_1_step_.npz"):
        (tmp_path / name).write_bytes(path.read_bytes())
    for epoch in range(2, 6):
        checkpoint.save(model, tmp_path, epoch)
    assert len(list(tmp_path.iterdir())) == checkpoint.KEPT + 3
    newest = checkpoint.restore_latest(model, tmp_path)
    assert newest.name == "epoch_00005.npz"


def in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def one_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def of_one_array(path):
    with open(path, "wb") as file:
        np.save(file, np.zeros(3))


def changed(path, change):
    """Changes the first array."""
    (name, first), *others = np.load(path).items()
    np.savez(path, **change(name, first) | dict(others))


DAMAGES = {
    "cut short": (in_half, "is damaged"),
    "one bit": (one_bit, "is damaged"),
    "empty": (lambda path: path.write_bytes(b""), "is damaged"),
    "text": (lambda path: path.write_text("epoch"), "is damaged"),
    "one array": (of_one_array, "is damaged"),
    "objects": (
        lambda path: changed(path, lambda name, _: {name: np.array([{}])}),
        "is damaged",
    ),
    "another shape": (
        lambda path: changed(path, lambda name, _: {name: np.zeros((3, 3))}),
        "belongs to another model",
    ),
    "another type": (
        lambda path: changed(path, lambda name, a: {name: a.astype("S")}),
        "belongs to another model",
    ),
    "another name": (
        lambda path: changed(path, lambda name, a: {f"{name}#1": a}),
        "belongs to another model",
    ),
    "fewer arrays": (
        lambda path: changed(path, lambda *_: {}),
        "belongs to another model",
    ),
    "more arrays": (
        lambda path: changed(path, lambda name, a: {name: a, "more": a}),
        "belongs to another model",
    ),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_an_unusable_checkpoint_is_named_and_passed_over(
    make_model, tmp_path, capsys, how
):
    model = make_model(units=50)
    good = checkpoint.save(model, tmp_path, 1)
    expected = model.get_weights()
    for variable in model.variables:
        variable.assign(variable + 1)
    bad = checkpoint.save(model, tmp_path, 2)
    damage, said = DAMAGES[how]
    damage(bad)
    assert checkpoint.restore_latest(model, tmp_path) == good
    for a, b in zip(expected, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert f"{bad} {said}" in capsys.readouterr().err


def test_damage_anywhere_is_noticed_or_harmless(make_model, tmp_path, rng):
    model = make_model()
    good = checkpoint.save(model, tmp_path, 1).read_bytes()
    expected = checkpoint.read(tmp_path / "epoch_00001.npz")
    bad = tmp_path / "bad.npz"
    for place in rng.integers(len(good), size=200):
        content = bytearray(good)
        content[place] ^= 1 << rng.integers(8)
        bad.write_bytes(content)
        try:
            found = checkpoint.read(bad)
        except checkpoint.UnusableCheckpoints:
            continue
        assert found.keys() == expected.keys()
        same = [found[k].tobytes() == a.tobytes() for k, a in expected.items()]
        assert all(same)


def test_without_one_usable_checkpoint_the_run_ends(make_model, tmp_path):
    model = make_model()
    DAMAGES["empty"][0](checkpoint.save(model, tmp_path, 1))
    checkpoint.save(make_model(units=5), tmp_path, 2)
    with pytest.raises(checkpoint.UnusableCheckpoints, match="delete"):
        checkpoint.restore_latest(model, tmp_path)
