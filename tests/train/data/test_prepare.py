"""Preparing and reading datasets that are kept on disk."""

import signal

import numpy as np
import processes
import pytest
import tensorflow_datasets as tfds
from PIL import Image
from sklearn.datasets import load_digits

from train.data import DataError, load_images
from train.data import images as held
from train.data.builders import config_for
from train.data.drawing import draw
from train.data.drawn import DrawnConfig
from train.data.prepare import prepare
from train.data.reading import image_channels, read_images
from train.data.shapes import Shapes

# Prepares five pictures. Argument 1 is the data directory; every drawing
# leaves a line in its file `drawn`, where argument 2 says "die" kills it.
CHILD = """
import os, pathlib, signal, sys, time
from train.data import drawn, shapes
from train.data.prepare import prepare

data_dir = pathlib.Path(sys.argv[1])
draw = shapes.draw

def slow_draw(*args):
    with open(data_dir / "drawn", "a") as file:
        file.write("once\\n")
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.3)
    return draw(*args)

shapes.draw = slow_draw
config = drawn.DrawnConfig(name="tiny", image_size=16, train=4, test=1)
builder = shapes.Shapes(config=config, data_dir=str(data_dir))
(data_dir / f"ready{os.getpid()}").touch()
while sys.argv[2] == "meet" and len(list(data_dir.glob("ready*"))) < 2:
    time.sleep(0.01)
prepare(builder)
"""


def start(data_dir, manner):
    return processes.Python("-c", CHILD, data_dir, manner)


def tiny_shapes(data_dir, **changed):
    sizes = dict(image_size=16, train=4, test=1)
    config = DrawnConfig(name="tiny", **(sizes | changed))
    return Shapes(config=config, data_dir=str(data_dir))


class Scans(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A dataset whose one feature is given by each test."""

    VERSION = tfds.core.Version("1.0.0")
    feature = None
    example = None

    def _info(self):
        features = tfds.features.FeaturesDict(self.feature)
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        for key in range(3):
            yield key, self.example


def prepare_scans(data_dir, monkeypatch, feature, example):
    monkeypatch.setattr(Scans, "feature", feature)
    monkeypatch.setattr(Scans, "example", example)
    return prepare(Scans(data_dir=str(data_dir)))


@pytest.fixture(scope="module")
def digits_dir(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("digits")
    load_images("digits", 32, str(data_dir))
    return str(data_dir)


def test_read_pictures_are_those_drawn_from_their_labels(tmp_path):
    directory = prepare(tiny_shapes(tmp_path, train=9))
    data = read_images(directory, 16, 0, "train")
    assert data.images.shape == (9, 16, 16, 3)
    np.testing.assert_array_equal(data.images, draw(data.labels, 16))


def test_two_builds_give_the_same_pictures_in_the_same_order(tmp_path):
    first, second = (
        read_images(prepare(tiny_shapes(tmp_path / name)), 16, 0, "train")
        for name in ("one", "two")
    )
    np.testing.assert_array_equal(first.images, second.images)
    for name, values in first.labels.items():
        np.testing.assert_array_equal(values, second.labels[name])


def test_another_seed_gives_other_pictures(tmp_path):
    first, second = (
        read_images(
            prepare(tiny_shapes(tmp_path / str(s), seed=s)), 16, 0, "train"
        )
        for s in (0, 1)
    )
    assert not np.isin(first.labels["x"], second.labels["x"]).any()


@pytest.mark.parametrize(
    ("size", "name"),
    [(16, "32"), (32, "32"), (33, "64"), (128, "128"), (256, "128")],
)
def test_shapes_are_drawn_no_smaller_than_needed_if_possible(size, name):
    assert config_for(Shapes, size).name == name


def test_prepared_shapes_are_loaded_by_name(tmp_path, monkeypatch):
    tiny = DrawnConfig(name="tiny", image_size=16, train=4, test=3)
    monkeypatch.setattr(Shapes, "BUILDER_CONFIGS", [tiny])
    data = load_images("shapes", 8, str(tmp_path), split="test")
    assert data.images.shape == (3, 8, 8, 3)


def test_digits_are_those_of_scikit_learn(digits_dir):
    train = load_images("digits", 32, digits_dir)
    test = load_images("digits", 32, digits_dir, split="test")
    assert train.images.shape[1:] == (32, 32, 1)
    source = load_digits()
    labels = np.concatenate([train.labels["label"], test.labels["label"]])
    np.testing.assert_array_equal(
        np.bincount(labels), np.bincount(source.target)
    )
    # The mean over all digits is smooth enough to survive the enlargement.
    both = np.concatenate([train.images, test.images])[..., 0].mean(axis=0)
    small = both.reshape(8, 4, 8, 4).mean(axis=(1, 3)) * 16 / 255
    mean = source.images.mean(axis=0)
    assert np.corrcoef(small.ravel(), mean.ravel())[0, 1] > 0.98


def test_digits_are_equally_sharp_at_all_pixel_phases(digits_dir):
    pictures = load_images("digits", 32, digits_dir).images.astype(float)
    steps = np.diff(pictures, axis=2)[:, :, 4:28] ** 2
    by_phase = steps.mean(axis=(0, 1, 3)).reshape(-1, 4).mean(axis=0)
    # Bicubic enlargement alone gives 3.3.
    assert by_phase.max() / by_phase.min() < 1.5


def test_resized_pictures_are_resized_by_pillow(digits_dir):
    large = load_images("digits", 32, digits_dir, max_images=5).images
    small = load_images("digits", 12, digits_dir, max_images=5).images
    expected = [
        Image.fromarray(picture[..., 0]).resize((12, 12), Image.LANCZOS)
        for picture in large
    ]
    np.testing.assert_array_equal(small[..., 0], np.stack(expected))


def test_max_images_takes_the_first_ones(digits_dir):
    few = load_images("digits", 32, digits_dir, max_images=300)
    every = load_images("digits", 32, digits_dir)
    np.testing.assert_array_equal(few.images, every.images[:300])
    np.testing.assert_array_equal(
        few.labels["label"], every.labels["label"][:300]
    )


def test_unknown_split_is_an_error(digits_dir):
    with pytest.raises(DataError, match="'test', 'train'.*received 'valid'"):
        load_images("digits", 32, digits_dir, split="valid")


def test_too_many_pictures_for_memory_are_an_error(digits_dir, monkeypatch):
    monkeypatch.setattr(held, "MAX_BYTES", 10 * 32 * 32)
    with pytest.raises(DataError, match="--max_images to at most 10"):
        load_images("digits", 32, digits_dir)


def test_damaged_files_are_an_error(tmp_path):
    directory = prepare(tiny_shapes(tmp_path))
    (record,) = directory.glob("*train.tfrecord*")
    content = bytearray(record.read_bytes())
    content[len(content) // 2] ^= 0xFF
    record.write_bytes(content)
    with pytest.raises(DataError, match="damaged.*delete that directory"):
        read_images(directory, 16, 0, "train")


def test_prepared_data_without_their_description_are_an_error(tmp_path):
    directory = prepare(tiny_shapes(tmp_path))
    (directory / "features.json").unlink()
    (directory / "dataset_info.json").unlink()
    with pytest.raises(DataError, match="damaged.*delete that directory"):
        read_images(directory, 16, 0, "train")


def test_preparing_is_silent_away_from_a_terminal(tmp_path, capfd):
    prepare(tiny_shapes(tmp_path))
    out, err = capfd.readouterr()
    assert "%" not in err
    assert out == ""


def test_two_runs_at_once_prepare_the_data_once(tmp_path):
    runs = [start(tmp_path, "meet") for _ in range(2)]
    errors = [run.communicate(timeout=100)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors
    # One drawing for each of the two splits.
    assert (tmp_path / "drawn").read_text().count("once") == 2


def test_killed_preparation_does_no_harm(tmp_path):
    run = start(tmp_path, "die")
    run.communicate(timeout=100)
    assert run.returncode == -signal.SIGKILL
    assert list(tmp_path.rglob("incomplete.*"))
    directory = prepare(tiny_shapes(tmp_path))
    assert not list(tmp_path.rglob("incomplete.*"))
    assert len(read_images(directory, 16, 0, "train").images) == 4


def test_leftovers_of_other_datasets_are_not_touched(tmp_path):
    other = tmp_path / "other" / "incomplete.ABCDEF_1.0.0"
    other.mkdir(parents=True)
    prepare(tiny_shapes(tmp_path))
    assert other.exists()


def test_failed_preparation_is_an_error_and_leaves_nothing(
    tmp_path, monkeypatch
):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("train.data.shapes.draw", fail)
    with pytest.raises(DataError, match="'shapes'.*No space left"):
        prepare(tiny_shapes(tmp_path))
    monkeypatch.undo()
    assert not list(tmp_path.rglob("incomplete.*"))
    assert prepare(tiny_shapes(tmp_path)).exists()


def test_data_dir_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written.*--data_dir"):
        prepare(tiny_shapes(tmp_path / "file"))


def test_data_dir_that_cannot_be_made_is_an_error(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(DataError, match="cannot be written.*--data_dir"):
        prepare(tiny_shapes(file / "data"))


def test_pictures_of_any_size_are_cropped_and_resized(tmp_path, monkeypatch):
    pixels = np.zeros((16, 48, 3), np.uint8)
    pixels[:, 16:32] = 255
    feature = {"image": tfds.features.Image(encoding_format="png")}
    directory = prepare_scans(tmp_path, monkeypatch, feature, {"image": pixels})
    data = read_images(directory, 8, 0, "train")
    assert data.images.shape == (3, 8, 8, 3)
    assert data.images.min() == 255


def test_only_single_numbers_become_labels(tmp_path, monkeypatch):
    feature = {
        "image": tfds.features.Image(shape=(8, 8, 3)),
        "age": np.int64,
        "name": tfds.features.Text(),
        "box": tfds.features.Tensor(shape=(4,), dtype=np.float32),
    }
    example = {
        "image": np.zeros((8, 8, 3), np.uint8),
        "age": 7,
        "name": "a",
        "box": np.zeros(4, np.float32),
    }
    directory = prepare_scans(tmp_path, monkeypatch, feature, example)
    labels = read_images(directory, 8, 0, "train").labels
    assert {name: list(of) for name, of in labels.items()} == {"age": [7] * 3}


def test_prepared_dataset_is_loaded_by_name_without_its_code(
    tmp_path, monkeypatch
):
    feature = {"image": tfds.features.Image(shape=(8, 8, 1))}
    example = {"image": np.full((8, 8, 1), 9, np.uint8)}
    prepare_scans(tmp_path, monkeypatch, feature, example)
    assert np.all(load_images("scans", 8, str(tmp_path)).images == 9)


@pytest.mark.parametrize(
    "feature",
    [
        {"picture": tfds.features.Image(shape=(8, 8, 3))},
        {"image": tfds.features.Image(shape=(8, 8, 4))},
        {"image": tfds.features.Image(shape=(8, 8, 1), dtype=np.uint16)},
        {"image": tfds.features.Video(shape=(None, 8, 8, 3))},
        {"image": tfds.features.Tensor(shape=(8, 8, 3), dtype=np.uint8)},
    ],
    ids=["no image", "four channels", "16 bits", "video", "bare tensor"],
)
def test_dataset_without_plain_pictures_is_an_error(
    tmp_path, monkeypatch, feature
):
    monkeypatch.setattr(Scans, "feature", feature)
    with pytest.raises(DataError, match="'scans' must have a feature 'image'"):
        image_channels(Scans(data_dir=str(tmp_path)))
