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
    arrays = dict(np.load(path))
    np.savez(path, **change(arrays))


DAMAGES = {
    "cut short": (in_half, "is damaged"),
    "one bit": (one_bit, "is damaged"),
    "empty": (lambda path: path.write_bytes(b""), "is damaged"),
    "text": (lambda path: path.write_text("epoch"), "is damaged"),
    "one array": (of_one_array, "is damaged"),
    "objects": (
        lambda path: changed(path, lambda z: z | {"00000": np.array([{}])}),
        "is damaged",
    ),
    "another shape": (
        lambda path: changed(path, lambda z: z | {"00000": np.zeros((3, 3))}),
        "belongs to another model",
    ),
    "another type": (
        lambda path: changed(
            path, lambda z: z | {"00000": z["00000"].astype("S")}
        ),
        "belongs to another model",
    ),
    "fewer arrays": (
        lambda path: changed(path, lambda z: dict(list(z.items())[:-1])),
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
        same = [a.tobytes() == b.tobytes() for a, b in zip(found, expected)]
        assert all(same)


def test_without_one_usable_checkpoint_the_run_ends(make_model, tmp_path):
    model = make_model()
    DAMAGES["empty"][0](checkpoint.save(model, tmp_path, 1))
    checkpoint.save(make_model(units=5), tmp_path, 2)
    with pytest.raises(checkpoint.UnusableCheckpoints, match="delete"):
        checkpoint.restore_latest(model, tmp_path)
