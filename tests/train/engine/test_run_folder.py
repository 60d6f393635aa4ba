"""Where runs go that name no folder."""

import importlib

import pytest

from train.engine.run import Run


@pytest.mark.parametrize(
    "trainer, settings, folder",
    [
        ("autoencoder", {}, "autoencoder-shapes-nearest"),
        ("classifier", {}, "classifier-shapes"),
        (
            "dcgan",
            {"upsample": "nearest,deconv", "dataset": "digits"},
            "dcgan-digits-nearest-deconv",
        ),
        ("deep_dream", {"pooling": "strided"}, "deep_dream-strided"),
        ("deep_dream", {"model": "a/x.keras"}, "deep_dream-x"),
        (
            "deep_image_prior",
            {"task": "inpaint"},
            "deep_image_prior-astronaut-inpaint-nearest",
        ),
        ("factors", {}, "factors-shapes"),
        ("segmentation", {}, "segmentation-scenes-nearest"),
        ("stylegan2", {}, "stylegan2-shapes-filtered"),
        ("style_transfer", {}, "style_transfer-photos-nearest"),
        ("super_resolution", {}, "super_resolution-photos-subpixel"),
        ("vocoder", {}, "vocoder-voices-nearest"),
    ],
)
def test_what_makes_runs_differ_is_in_the_name(
    trainer, settings, folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    config = importlib.import_module(f"train.{trainer}").Config(**settings)
    assert Run(trainer, config).path.as_posix() == f"runs/{folder}"
