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
    checkpoint.restore(resumed, *checkpoint.latest(tmp_path))
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
    newest, _ = checkpoint.latest(tmp_path)
    assert checkpoint.position(newest) == (10, 0)


def test_without_checkpoints_a_run_starts_anew(tmp_path):
    assert checkpoint.latest(tmp_path / "nowhere") == (None, None)


def damage(path, how):
    content = bytearray(path.read_bytes())
    if how == "cut short":
        content = content[: len(content) // 2]
    elif how == "one bit":
        content[len(content) // 3] ^= 1
    else:
        content = b""
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["cut short", "one bit", "empty"])
def test_a_damaged_checkpoint_is_named_and_passed_over(
    make_model, tmp_path, capsys, how
):
    model = make_model(units=50)
    good, bad = (checkpoint.save(model, tmp_path, i) for i in (1, 2))
    damage(bad, how)
    path, arrays = checkpoint.latest(tmp_path)
    assert path == good
    checkpoint.restore(model, path, arrays)
    assert f"{bad} is damaged" in capsys.readouterr().err


def test_without_one_intact_checkpoint_the_run_ends(make_model, tmp_path):
    damage(checkpoint.save(make_model(), tmp_path, 1), "empty")
    with pytest.raises(checkpoint.DamagedCheckpoints, match="Delete"):
        checkpoint.latest(tmp_path)


def test_the_state_of_another_model_is_refused(make_model, tmp_path):
    checkpoint.save(make_model(), tmp_path, 1)
    with pytest.raises(ValueError, match="belongs to another model"):
        checkpoint.restore(make_model(units=5), *checkpoint.latest(tmp_path))
