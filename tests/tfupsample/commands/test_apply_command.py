"""`tfupsample list`, `sample` and `apply`."""

import dataclasses
import json

import keras
import numpy as np
import pytest
from PIL import Image

from models.autoencoder import reconstructor
from models.dcgan import generator
from models.super_resolution import super_resolution
from tfupsample import cli, list_pretrained, load_pretrained
from tfupsample.images.arrays import from_uint8, to_uint8
from tfupsample.images.masks import coloured
from train import segmentation

SR = "super_resolution_photos_x2"


def smooth(rng, height, width, channels=3):
    small = rng.integers(0, 255, (4, 4, channels), "uint8")
    return Image.fromarray(small).resize((width, height), 2)


def apply(name, source, target, *flags):
    return cli.main(["apply", name, str(source), "-o", str(target), *flags])


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_list_names_all(capsys):
    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list_pretrained()


def test_samples_repeat_with_the_seed(tmp_path):
    def sample(file, *flags):
        flags = [*flags, "-n", "3", "-o", str(tmp_path / file)]
        assert cli.main(["sample", "dcgan_cifar10_nearest", *flags]) == 0
        return pixels(tmp_path / file)

    first = sample("a.png")
    assert first.shape == (64, 64, 3)
    np.testing.assert_array_equal(first, sample("b.png", "--seed", "0"))
    assert (first != sample("c.png", "--seed", "1")).any()


@pytest.mark.slow
def test_tiles_make_what_the_whole_picture_makes(rng, tmp_path):
    """Of a picture of several tiles in both directions."""
    image = smooth(rng, 290, 300)
    image.save(tmp_path / "in.png")
    assert apply(SR, tmp_path / "in.png", tmp_path / "out.png") == 0
    model = load_pretrained(SR, "keras")
    whole = model(np.asarray(image, "float32")[None] / 127.5 - 1)
    whole = to_uint8(keras.ops.convert_to_numpy(whole)[0]).astype(int)
    assert np.abs(pixels(tmp_path / "out.png") - whole).max() <= 1


def test_reconstructions_keep_any_size(rng, tmp_path):
    smooth(rng, 21, 30).save(tmp_path / "in.webp")
    name = "autoencoder_photos64_nearest"
    assert apply(name, tmp_path / "in.webp", tmp_path / "out.png") == 0
    result = pixels(tmp_path / "out.png")
    assert result.shape == (21, 30, 3)
    assert np.abs(result - pixels(tmp_path / "in.webp").astype(int)).mean() < 30


def test_pictures_are_turned_upright(rng, tmp_path):
    image = smooth(rng, 20, 30)
    exif = Image.Exif()
    exif[274] = 6  # to be turned by a quarter
    image.save(tmp_path / "in.jpg", exif=exif)
    assert apply(SR, tmp_path / "in.jpg", tmp_path / "out.jpg") == 0
    with Image.open(tmp_path / "out.jpg") as out:
        assert out.size == (40, 60)
        assert out.getexif().get(274, 1) == 1


@pytest.mark.parametrize("suffix, mode", [("png", "RGBA"), ("jpg", "RGB")])
def test_what_is_transparent_stays_so_or_is_white(rng, tmp_path, suffix, mode):
    image = smooth(rng, 24, 24)
    alpha = np.full((24, 24), 255, "uint8")
    alpha[:, :12] = 0
    image.putalpha(Image.fromarray(alpha))
    image.save(tmp_path / "in.png")
    out = tmp_path / f"out.{suffix}"
    assert apply(SR, tmp_path / "in.png", out) == 0
    with Image.open(out) as result:
        assert (result.mode, result.size) == (mode, (48, 48))
        left = np.asarray(result)[4:-4, 4:16]
    assert (left[..., 3] == 0).all() if mode == "RGBA" else left.min() > 250


def test_one_bad_picture_does_not_stop_the_others(rng, tmp_path, capsys):
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "sub").mkdir(parents=True)
    smooth(rng, 9, 8).save(source / "a.png")
    smooth(rng, 9, 8).save(source / "sub/b.webp")
    Image.fromarray(rng.integers(0, 65535, (9, 8), "uint16")).save(
        source / "grey16.png"
    )
    (source / "bad.jpg").write_bytes(b"no picture")
    (source / "notes.txt").write_text("not looked at")
    assert apply(SR, source, target) == 1
    printed = capsys.readouterr()
    assert "bad.jpg is not a picture" in printed.err
    assert "3 of 4 pictures" in printed.out
    written = {p.relative_to(target).as_posix() for p in target.rglob("*.*")}
    assert written == {"a.png", "sub/b.webp", "grey16.png"}


def finished_run(folder, trainer, network, **config):
    """Writes what `apply` needs of a run."""
    for i, weight in enumerate(network.weights):
        # None like another: a swap would show.
        weight.assign(keras.random.uniform(weight.shape, -0.3, 0.3, seed=i))
    folder.mkdir()
    network.save(folder / "network.keras")
    settings = {"trainer": trainer, "config": config}
    (folder / "config.json").write_text(json.dumps(settings))


@pytest.mark.slow
def test_runs_are_applied_as_trained_models_are(rng, tmp_path):
    """An autoencoder too, though it was saved for one size."""
    smooth(rng, 22, 30).save(tmp_path / "in.png")
    image = pixels(tmp_path / "in.png") / np.float32(127.5) - 1
    one_size = {"image_size": 16, "width": 2, "code": 3, "depth": 1}
    for trainer, build, settings in (
        ("autoencoder", reconstructor, one_size),
        ("super_resolution_x2", super_resolution, {"width": 2, "blocks": 1}),
    ):
        run = tmp_path / trainer
        network = build(**settings)
        finished_run(run, trainer, network, **settings)
        assert apply(str(run), tmp_path / "in.png", tmp_path / "out.png") == 0
        whole = network
        if "image_size" in settings:
            whole = build(**settings | {"image_size": None})
            whole.set_weights(network.get_weights())
        expected = to_uint8(keras.ops.convert_to_numpy(whole(image[None]))[0])
        found = pixels(tmp_path / "out.png").astype(int)
        assert np.abs(found - expected).max() <= 1
        assert np.ptp(expected) > 20  # or all would agree


def test_runs_that_make_no_pictures_are_refused(tmp_path, capsys):
    network = generator(8, 3, 4, 2)
    settings = {"image_size": 8, "latent_dim": 4, "width": 2}
    finished_run(tmp_path / "run", "dcgan", network, **settings)
    (tmp_path / "in.png").write_bytes(b"")
    for folder, message in (
        ("run", "is a generator, which makes no pictures"),
        (".", "config.json cannot be read"),
    ):
        paths = tmp_path / "in.png", tmp_path / "out.png"
        assert apply(str(tmp_path / folder), *paths) == 2
        assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nothing", "in.png", "out.png"], "no trained model 'nothing'"),
        ([SR, "none.png", "out.png"], "no file or folder none.png"),
        ([SR, "in.png", "out.gif"], "must end in .png"),
        ([SR, "in.png", "in.png"], "another file"),
        ([SR, ".", "below"], "outside it"),
        ([SR, "in.png", "out.png", "--style=a"], "takes no --style"),
        (["classifier_cifar10", "in.png", "o.png"], "makes no pictures"),
    ],
)
def test_wrong_arguments_are_named(
    arguments, message, rng, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    smooth(rng, 8, 8).save("in.png")
    assert apply(*arguments) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def test_a_generator_needs_no_picture(capsys):
    assert cli.main(["sample", SR]) == 2
    assert "draws nothing" in capsys.readouterr().err


def test_a_segmentation_paints_the_classes(rng, tmp_path):
    config = segmentation.Config(depth=1, norm="none", width=2, image_size=8)
    network = segmentation.build(config, 3, 4)
    run = tmp_path / "run"
    run.mkdir()
    settings = {
        "trainer": "segmentation",
        "config": dataclasses.asdict(config),
    }
    (run / "config.json").write_text(json.dumps(settings))
    (run / "classes.json").write_text('["ground", "a", "b", "c"]')
    network.save(run / "segmentation.keras")
    image = smooth(rng, 15, 21)
    image.save(tmp_path / "in.png")
    assert apply(str(run), tmp_path / "in.png", tmp_path / "out.png") == 0
    logits = network(from_uint8(np.asarray(image))[None])
    classes = keras.ops.convert_to_numpy(logits)[0].argmax(-1)
    np.testing.assert_array_equal(
        pixels(tmp_path / "out.png"), coloured(classes)
    )
