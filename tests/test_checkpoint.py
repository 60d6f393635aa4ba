import keras
import numpy as np
import pytest

from train import checkpoint


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
    path = checkpoint.save(model, tmp_path, 1)
    train(model, 2)

    resumed = make_model()
    checkpoint.restore(resumed, path)
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
    for epoch in (0, 1, 2, 9, 10):
        checkpoint.save(model, tmp_path, epoch)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["epoch_00002.npz", "epoch_00009.npz", "epoch_00010.npz"]
    assert checkpoint.latest(tmp_path) == (10, tmp_path / "epoch_00010.npz")


def test_without_checkpoints_a_run_starts_anew(tmp_path):
    assert checkpoint.latest(tmp_path / "nowhere") == (0, None)


def test_the_state_of_another_model_is_refused(make_model, tmp_path):
    path = checkpoint.save(make_model(), tmp_path, 1)
    with pytest.raises(ValueError, match="belongs to another model"):
        checkpoint.restore(make_model(units=5), path)


def test_a_failed_write_leaves_the_former_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"former")
    with pytest.raises(RuntimeError), checkpoint.atomic(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]
